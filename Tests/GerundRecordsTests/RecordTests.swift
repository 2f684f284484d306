import FoundationEssentials
import GerundCore
import GerundRecords
import Testing

@Suite("Record")
struct RecordTests {
    @Test("Writes every record of a run as its line", arguments: RecordSamples.ofRuns.indices)
    func runLines(index: Int) {
        let sample = RecordSamples.ofRuns[index]
        #expect(sample.record.jsonLine == sample.line)
        #expect(sample.record.base.jsonLine == sample.line)
    }

    @Test("Writes every record of the other commands as its line", arguments: RecordSamples.ofCommands.indices)
    func commandLines(index: Int) {
        let sample = RecordSamples.ofCommands[index]
        #expect(sample.record.jsonLine == sample.line)
    }

    @Test(
        "Reads every record of a run back, equal to the one that was written", arguments: RecordSamples.ofRuns.indices)
    func runRoundTrip(index: Int) throws {
        let sample = RecordSamples.ofRuns[index]
        #expect(try Record(jsonLine: sample.line) == sample.record)
        #expect(try Record(jsonLine: sample.line + "\n") == sample.record)
    }

    @Test(
        "Reads every record of the other commands back, equal to the one that was written",
        arguments: RecordSamples.ofCommands.indices)
    func commandRoundTrip(index: Int) throws {
        func check(_ record: some RecordProtocol, _ line: String) throws {
            #expect(try type(of: record).init(jsonLine: line) == record)
        }
        let sample = RecordSamples.ofCommands[index]
        try check(sample.record, sample.line)
    }

    @Test("Is encoded by Foundation's encoder too, with numbers rounded to their decimals")
    func foundation() throws {
        for sample in RecordSamples.ofRuns {
            let data = try JSONEncoder().encode(sample.record)
            #expect(try JSONDecoder().decode(Record.self, from: data) == sample.record)
        }
        var label = RecordSamples.label.record
        label.score = 0.93004
        let text = String(decoding: try JSONEncoder().encode(label), as: UTF8.self)
        #expect(text.contains(#""score":0.93"#) && !text.contains("0.93004"))
    }

    @Test("Rounds numbers to their decimals, and writes null for a score that is not a number")
    func rounding() throws {
        var label = RecordSamples.label.record
        (label.score, label.latency, label.mediaTime) = (.nan, .microseconds(41_260), MediaTime(seconds: 1.0006))
        let line = label.jsonLine
        #expect(line.contains(#""score":null"#) && line.contains(#""latency_ms":41.3"#))
        #expect(line.contains(#""media_time":1.001"#))
        #expect(try LabelRecord(jsonLine: line).score.isNaN)
        #expect(try LabelRecord(jsonLine: line).jsonLine == line)
    }

    @Test("Only labels of single windows don't belong in an event log")
    func eventLog() {
        for sample in RecordSamples.ofRuns {
            let isLabel = sample.line.hasPrefix(#"{"type":"label""#)
            #expect(sample.record.belongsInEventLog == !isLabel)
        }
    }

    @Test("Ignores members that it doesn't know")
    func unknownMembers() throws {
        for sample in RecordSamples.ofRuns {
            let line = sample.line.dropLast() + #","added":{"later":[1,{"x":null}]}}"#
            #expect(try Record(jsonLine: String(line)) == sample.record)
        }
        func check(_ record: some RecordProtocol, _ line: String) throws {
            #expect(try type(of: record).init(jsonLine: line) == record)
        }
        for sample in RecordSamples.ofCommands { try check(sample.record, sample.line.dropLast() + #","added":[{}]}"#) }
    }

    @Test(
        "Refuses what is not a record, with a code and a message",
        arguments: [
            ("", RecordError.Code.invalidJSON, "invalid JSON"),
            ("{", .invalidJSON, "invalid JSON"),
            ("[]", .unknownType, "not an object"), ("null", .unknownType, "not an object"),
            ("{}", .unknownType, "member 'type' is missing"),
            (#"{"type":"movie"}"#, .unknownType, "'movie'"),
            (#"{"type":"summary","source":"door"}"#, .invalidMember, "member 'frames_read' is missing"),
            (#"{"type":"source","source":"door","state":"lost","time":""}"#, .invalidMember, "'lost'"),
            (#"{"type":"source","source":"door","state":"ended","time":"noon"}"#, .invalidMember, "'noon'"),
            (#"{"type":"source","source":1,"state":"ended","time":""}"#, .invalidMember, "'source'"),
        ])
    func invalid(line: String, code: RecordError.Code, excerpt: String) {
        let error = #expect(throws: RecordError.self) { try Record(jsonLine: line) }
        #expect(error?.code == code)
        #expect(error?.message.contains(excerpt) == true, "\(error?.message ?? "")")
        #expect(error?.summary == error?.message, "in one line, without the dump of a decoder's error")
    }

    @Test(
        "Refuses times and durations that are out of range instead of trapping", arguments: ["1e300", "-1e18", "9.1e9"])
    func outOfRange(number: String) {
        let label = RecordSamples.label.line
        for (member, value) in [("media_time", "12.250"), ("latency_ms", "41.2")] {
            let line = label.replacing("\"\(member)\":\(value)", with: "\"\(member)\":\(number)")
            #expect(line != label)
            #expect(throws: RecordError.self) { try LabelRecord(jsonLine: line) }
        }
    }

    @Test("Refuses a record of another type")
    func otherType() {
        #expect(throws: RecordError.self) { try AuditRecord(jsonLine: RecordSamples.summary.line) }
    }

    @Test(
        "Writes times to the millisecond in UTC and reads them back",
        arguments: [
            (0.0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_795_458_012.001, "2026-11-23T18:20:12.001Z"), (1_798_761_599.999, "2026-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ])
    func times(seconds: Double, text: String) throws {
        let record = SourceRecord(
            source: RecordSamples.door, state: .ended, time: Date(timeIntervalSince1970: seconds))
        #expect(record.jsonLine.hasSuffix(#""time":"\#(text)"}"#))
        #expect(try SourceRecord(jsonLine: record.jsonLine) == record)
    }
}
