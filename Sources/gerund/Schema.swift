import ArgumentParser
import GerundRecords

/// `gerund schema`: the JSON Schema of all records.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of all records.",
        discussion: """
            EXAMPLES
              gerund schema > records.schema.json
            """)

    func run() throws {
        try StandardOutput.write(RecordSchema.json)
    }
}
