import GerundCore
import GerundTesting
import Testing

@testable import GerundEngine

@Suite("GroundTruth")
struct GroundTruthTests {
    private let directory: TemporaryDirectory

    init() throws { self.directory = try TemporaryDirectory() }

    @Test("Reads a JSON array of segments")
    func segments() throws {
        let text = #"[{"start": 0, "end": 2.5, "label": "walking"}, {"label": "running", "start": 2.5, "end": 4}]"#
        let path = try self.directory.write(text, to: "truth.json")
        let truth = try GroundTruth(path: path)
        #expect(truth.label(from: 0, to: 1.75) == "walking")
        #expect(truth.label(from: 0.75, to: 2.5004) == "walking", "frame times are rounded to milliseconds")
        #expect(truth.label(from: 2.5, to: 4) == "running")
        #expect(truth.label(from: 1, to: 3) == nil, "the window shows both")
        #expect(truth.label(from: 3, to: 4.1) == nil, "the window goes beyond the last segment")
    }

    @Test(
        "Refuses other JSON and other text, with the reason",
        arguments: [
            ("{}", "an array"), ("[1]", "an object"), (#"[{"start": "0", "end": 1, "label": "a"}]"#, "a number"),
            (#"[{"start": 0, "label": "a"}]"#, "end"), (#"[{"start": 0, "end": 1, "label": 3}]"#, "a string"),
            ("walking", "line 1"), ("", "line 1"),
        ])
    func invalid(text: String, reason: String) throws {
        let path = try self.directory.write(text, to: "truth.json")
        let error = #expect(throws: ModelError.self) { _ = try GroundTruth(path: path) }
        #expect(error?.code == .groundTruth && error?.subject == path)
        #expect(error?.message.hasPrefix("invalid ground truth: expected a JSON array of") == true)
        #expect(error?.summary.contains(reason) == true, "\(error?.summary ?? "")")
    }

    @Test("Refuses a missing file")
    func missing() {
        let error = #expect(throws: ModelError.self) { _ = try GroundTruth(path: self.directory.path("missing")) }
        #expect(error?.code == .groundTruth)
    }
}
