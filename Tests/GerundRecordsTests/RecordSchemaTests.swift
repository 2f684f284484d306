import GerundCore
import GerundRecords
import GerundTesting
import Testing

@Suite("RecordSchema")
struct RecordSchemaTests {
    private let schema: JSONSchema

    init() throws {
        self.schema = try JSONSchema(parsing: RecordSchema.json)
    }

    @Test("Describes every record as it is written", arguments: RecordSamples.lines)
    func records(line: String) {
        #expect(self.schema.violations(of: line) == [])
    }

    @Test("Has a definition for every record type, and no other")
    func types() {
        let types =
            [
                RunRecord.recordType, LabelRecord.recordType, EventRecord.recordType, SourceRecord.recordType,
                FramesDroppedRecord.recordType, AuditRecord.recordType, SummaryRecord.recordType,
                ClassificationRecord.recordType, ThresholdRecord.recordType, CalibrationRecord.recordType,
                ComparisonRecord.recordType, DeviceRecord.recordType, ProbeRecord.recordType, BenchRecord.recordType,
            ]
        #expect(Set(self.schema.recordTypes) == Set(types))
        let sampled = Set(
            RecordSamples.lines.compactMap { try? JSONValue(parsing: Array($0.utf8)).object?["type"]?.string })
        #expect(sampled == Set(types))
    }

    @Test("Documents every member", arguments: ["properties", "$defs"])
    func documentation(keyword: String) throws {
        func undocumented(_ value: JSONValue, _ path: String) -> [String] {
            guard let object = value.object else {
                return (value.array ?? []).flatMap { undocumented($0, path) }
            }
            return object.names.flatMap { name -> [String] in
                guard let member = object[name], name != "if", name != "then" else { return [] }
                var found = undocumented(member, "\(path)/\(name)")
                if name == keyword, let entries = member.object, !path.hasSuffix("peak_gflops") {
                    found += entries.names.filter { entries[$0]?.object?["description"]?.string?.isEmpty ?? true }
                        .map { "\(path)/\($0)" }
                }
                return found
            }
        }
        let root = try JSONValue(parsing: Array(RecordSchema.json.utf8))
        #expect(undocumented(root, "") == [])
    }

    @Test("Refuses a line without one of its required members")
    func required() throws {
        for line in RecordSamples.lines {
            let object = try #require(try JSONValue(parsing: Array(line.utf8)).object)
            let type = try #require(object["type"]?.string)
            let definitions = try JSONValue(parsing: Array(RecordSchema.json.utf8)).object?["$defs"]?.object
            let required = definitions?[type]?.object?["required"]?.array?.compactMap(\.string) ?? []
            #expect(required.count > 1)
            for name in required {
                let renamed = line.replacing("\"\(name)\":", with: "\"renamed_\(name)\":")
                #expect(!self.schema.violations(of: renamed, allowsUnknownMembers: true).isEmpty, "\(type).\(name)")
            }
        }
    }

    @Test(
        "Refuses values of the wrong type or range",
        arguments: [
            (#""score":0.930,"top""#, #""score":1.500,"top""#), (#""score":0.930,"top""#, #""score":"high","top""#),
            (#""mode":"exact","latency_ms""#, #""mode":"slow","latency_ms""#),
            (#""time":"2026-11-23T18:20:12.250Z","label""#, #""time":"2026-11-23 18:20:12","label""#),
            (#""source":"door","media_time""#, #""source":"door","extra":1,"media_time""#),
            (#""label":"waving a hand","score":0.930,"top""#, #""label":7,"score":0.930,"top""#),
            (#""score":0.050}]"#, #""score":0.050,"x":1}]"#),
        ])
    func wrongValues(part: String, replacement: String) {
        let line = RecordSamples.label.line.replacing(part, with: replacement)
        #expect(line != RecordSamples.label.line)
        #expect(!self.schema.violations(of: line).isEmpty, "\(line)")
    }

    @Test("Requires the members of an event's phase and of a source's state")
    func conditions() {
        for line in RecordSamples.events.map(\.line) + RecordSamples.sources.map(\.line) {
            for name in ["score", "peak_score", "end_s", "end_time", "error", "retry_in_s", "windows_per_s", "codec"] {
                let renamed = line.replacing("\"\(name)\":", with: "\"renamed\":")
                guard renamed != line else { continue }
                #expect(!self.schema.violations(of: renamed, allowsUnknownMembers: true).isEmpty, "\(renamed)")
            }
        }
    }

    @Test("Requires the members that come together: those of queues, and those of a device's mode")
    func together() {
        var count = 0
        for line in RecordSamples.lines where line.contains(#""max_queue_depth":"#) || line.contains(#""format":"#) {
            for name in ["max_queue_ms", "max_inference_ms", "width", "height", "frame_rates"] {
                let renamed = line.replacing("\"\(name)\":", with: "\"renamed\":")
                guard renamed != line else { continue }
                count += 1
                #expect(!self.schema.violations(of: renamed, allowsUnknownMembers: true).isEmpty, "\(renamed)")
            }
        }
        #expect(count >= 5)
    }

    @Test("The validator refuses a schema with a keyword that it would ignore")
    func unsupported() {
        #expect(throws: JSONSchema.Unsupported.self) {
            try JSONSchema(parsing: #"{"properties":{"a":{"type":"string","maxLength":3}}}"#)
        }
        #expect(throws: JSONSchema.Unsupported.self) { try JSONSchema(parsing: ##"{"$ref":"#/$defs/a"}"##) }
    }
}
