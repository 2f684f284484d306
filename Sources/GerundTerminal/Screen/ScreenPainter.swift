/// Turns the lines of a frame into what is written to the terminal: only the lines that are new.
///
/// The sequences are ECMA-48's, and xterm's private modes that every terminal of today knows.
public struct ScreenPainter: Sendable {
    private var drawn: [String] = []

    public init() {}

    /// Takes the screen: the alternate one, without cursor and without wrapping at its edge.
    public static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[m\u{1b}[2J"
    /// The same for a screen that was taken already.
    public static let resume = "\u{1b}[?25l\u{1b}[?7l"
    /// Gives it back as it was.
    public static let leave = "\u{1b}[m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// Forgets what the terminal shows: it was resized, or somebody else has written to it.
    public mutating func invalidate() {
        self.drawn = []
    }

    /// - Returns: What to write, in one piece; empty when nothing is new.
    public mutating func paint(_ lines: [String]) -> String {
        let isWhole = lines.count != self.drawn.count
        var text = isWhole ? "\u{1b}[m\u{1b}[2J" : ""
        for (row, line) in lines.enumerated() where isWhole || line != self.drawn[row] {
            text += "\u{1b}[\(row + 1);1H\(line)\(isWhole ? "" : "\u{1b}[K")"
        }
        self.drawn = lines
        return text
    }
}
