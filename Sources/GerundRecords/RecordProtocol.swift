import FoundationEssentials

/// A record of Gerund's output: one line of JSON, written with a single write.
///
/// The JSON Schema in ``RecordSchema`` documents every member. The schema is a stable interface: members may be added;
/// none is renamed, removed or given another meaning without a new ``RecordSchema/version``.
///
/// Members are encoded in a fixed order and decimals in a fixed number, so that two equal records are the same text. A
/// line that was read back is written again unchanged.
public protocol RecordProtocol: Codable, Sendable, Hashable {
    /// The value of the member `type`, such as `label`.
    static var recordType: String { get }
}

extension RecordProtocol {
    /// The record as one line of JSON, without its line end.
    public var jsonLine: String { RecordEncoder.text(of: self) }

    /// Reads a record from one line of JSON.
    ///
    /// Members that this version doesn't know are ignored.
    ///
    /// - Parameter jsonLine: The line, with or without its line end.
    /// - Throws: ``RecordError`` if the line isn't a record of this type.
    public init(jsonLine: String) throws(RecordError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(jsonLine.utf8))
        } catch {
            throw RecordError(decoding: error)
        }
    }
}
