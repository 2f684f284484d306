/// The JSON Schema of all records (json-schema.org, draft 2020-12).
public enum RecordSchema {
    /// The version of the schema.
    ///
    /// It changes when a member is renamed, removed or given another meaning, not when one is added.
    public static let version = 1

    /// The schema as JSON.
    ///
    /// It documents every member, with its unit and its clock.
    public static let json = String(decoding: PackageResources.records_schema_json, as: UTF8.self)
}
