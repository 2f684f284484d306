import Foundation

/// A line of JSON Lines that the program wrote.
struct OutputLine: Sendable {
    /// The members that the tests look at.
    struct Members: Decodable, Sendable {
        enum CodingKeys: String, CodingKey {
            case type, schema, source, version, model, labels, background, mode, precision, time, label, score, top
            case probability, phase, id, interrupted, state, error, windows, width, height, fps, count, found, codec
            case modelSHA256 = "model_sha256"
            case window = "window_s"
            case rate = "windows_per_s"
            case framesPerWindow = "frames_per_window"
            case mediaTime = "media_time"
            case start = "start_s"
            case end = "end_s"
            case startTime = "start_time"
            case endTime = "end_time"
            case peakScore = "peak_score"
            case retryIn = "retry_in_s"
            case frameDropRatio = "frame_drop_ratio"
            case framesRead = "frames_read"
            case framesDropped = "frames_dropped"
            case windowsSkipped = "windows_skipped"
            case measuredFPS = "measured_fps"
            case budgetMet = "budget_met"
            case startThreshold = "start_threshold"
            case endThreshold = "end_threshold"
            case refreshedTokens = "refreshed_tokens"
            case topAgreement = "top1_agreement"
            case meanScoreError = "mean_score_error"
            case maxScoreError = "max_score_error"
        }

        /// A label and its score.
        struct ScoredLabel: Decodable, Hashable, Sendable {
            var label: String
            var score: Double
        }

        var type: String
        var schema: Int?
        var source: String?
        var version: String?
        var model: String?
        var modelSHA256: String?
        var labels: [String]?
        var background: [String]?
        var window: Double?
        var rate: Double?
        var framesPerWindow: Int?
        var precision: String?
        var mediaTime: Double?
        var time: String?
        var label: String?
        var score: Double?
        var probability: Double?
        var top: [ScoredLabel]?
        var mode: String?
        var phase: String?
        var id: String?
        var start: Double?
        var end: Double?
        var startTime: String?
        var endTime: String?
        var peakScore: Double?
        var interrupted: Bool?
        var state: String?
        var error: String?
        var retryIn: Double?
        var frameDropRatio: Double?
        var windows: Int?
        var framesRead: Int?
        var framesDropped: Int?
        var windowsSkipped: Int?
        var count: Int?
        var width: Int?
        var height: Int?
        var fps: Double?
        var measuredFPS: Double?
        var codec: String?
        var found: Bool?
        var budgetMet: Bool?
        var startThreshold: Double?
        var endThreshold: Double?
        var refreshedTokens: Int?
        var topAgreement: Double?
        var meanScoreError: Double?
        var maxScoreError: Double?
    }

    let text: String
    let members: Members

    init(_ text: some StringProtocol) throws {
        self.text = String(text)
        self.members = try JSONDecoder().decode(Members.self, from: Data(text.utf8))
    }

    /// Parses all lines of a text, which must end with a line feed.
    static func list(_ text: String) throws -> [OutputLine] {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Torn(line: String(text.suffix(200))) }
        return try text.split(separator: "\n").map { try OutputLine($0) }
    }

    struct Torn: Error { var line: String }

    /// The names of the outermost members, in their order.
    var names: [String] {
        var (names, depth, inString, isEscaped, token) = ([String](), 0, false, false, "")
        for character in self.text {
            if inString {
                if !isEscaped, character == "\"" { inString = false } else { token.append(character) }
                isEscaped = character == "\\" && !isEscaped
                continue
            }
            switch character {
            case "\"": (inString, token) = (true, "")
            case ":" where depth == 1: names.append(token)
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            default: break
            }
        }
        return names
    }

    /// The line without what differs between two runs: the run's id, the wall clock and the latency.
    var timeless: String {
        self.text.replacing(/"(run|(start_|end_|first_)?time)":"[^"]*"/) { "\"\($0.output.1)\":\"\"" }.replacing(
            /"latency_ms":[0-9.]+/, with: #""latency_ms":0"#)
    }
}

extension ChildProcess.Result {
    /// Standard output as JSON Lines.
    var lines: [OutputLine] {
        get throws { try OutputLine.list(self.output) }
    }
}

extension [OutputLine] {
    /// The members of all records of a type.
    func ofType(_ type: String) -> [OutputLine.Members] {
        self.lazy.map(\.members).filter { $0.type == type }
    }

    /// The text of every record that goes to the event log as well: all but the labels of windows.
    var logged: [String] { self.filter { $0.members.type != "label" }.map(\.text) }
}
