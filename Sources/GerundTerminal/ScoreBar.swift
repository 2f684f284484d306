/// A score as a bar: `███████▍  `.
enum ScoreBar {
    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    /// - Parameters:
    ///   - score: 0...1; what lies outside is cut.
    ///   - width: In characters.
    static func text(_ score: Double, width: Int, hasUnicode: Bool) -> String {
        let steps = Int((min(max(score.isNaN ? 0 : score, 0), 1) * Double(width * 8)).rounded())
        guard hasUnicode else { return String(repeating: "#", count: steps / 8).padded(to: width) }
        return (String(repeating: "█", count: steps / 8) + self.eighths[steps % 8]).padded(to: width)
    }
}
