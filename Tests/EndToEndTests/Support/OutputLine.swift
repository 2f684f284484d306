import Foundation

/// A line of JSON Lines that the program wrote.
struct OutputLine: Sendable {
    /// The members that the tests look at.
    struct Members: Decodable, Sendable {
        var type: String
        var source: String?
        var version: String?
        var model: String?
        var checksum: String?
        var labels: [String]?
        var background: [String]?
        var span: Double?
        var rate: Double?
        var frames: Int?
        var t: Double?
        var time: String?
        var label: String?
        var score: Double?
        var mode: String?
        var phase: String?
        var id: String?
        var start: Double?
        var end: Double?
        var peak: Double?
        var interrupted: Bool?
        var state: String?
        var reason: String?
        var windows: Int?
        var dropped: Int?
        var width: Int?
        var height: Int?
    }

    let text: String
    let members: Members

    init(_ text: some StringProtocol) throws {
        self.text = String(text)
        self.members = try JSONDecoder().decode(Members.self, from: Data(text.utf8))
    }

    /// All lines of a text, which ends with a line's end.
    static func list(_ text: String) throws -> [OutputLine] {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Torn(line: String(text.suffix(200))) }
        return try text.split(separator: "\n").map { try OutputLine($0) }
    }

    struct Torn: Error { var line: String }

    /// The outermost members' names in their order.
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

    /// The line without what two runs can't have in common: wall clock and latency.
    var timeless: String {
        self.text.replacing(/"time":"[^"]*"/, with: #""time":"""#).replacing(
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
    func ofType(_ type: String) -> [OutputLine.Members] {
        self.lazy.map(\.members).filter { $0.type == type }
    }
}
