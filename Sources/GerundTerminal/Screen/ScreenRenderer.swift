/// A differential renderer: turns the lines of a frame into what is written to the terminal, which is only the lines
/// that have changed.
///
/// The sequences are those of ECMA-48, and xterm's private modes that terminals in use today support.
public struct ScreenRenderer: Sendable {
    private var drawn: [String] = []

    /// Creates a renderer for an empty screen.
    public init() {}

    /// Switches to the alternate screen, without cursor and without wrapping at its edge.
    public static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[m\u{1b}[2J"
    /// Restores the modes of a screen that was switched to before.
    public static let resume = "\u{1b}[?25l\u{1b}[?7l"
    /// Switches back to the normal screen, as it was.
    public static let leave = "\u{1b}[m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// Invalidates the drawn lines, because the terminal was resized or another program has written to it.
    public mutating func invalidate() {
        self.drawn = []
    }

    /// Returns the text to write for a frame, in one piece; empty if nothing has changed.
    public mutating func render(_ lines: [String]) -> String {
        let isWhole = lines.count != self.drawn.count
        var text = isWhole ? "\u{1b}[m\u{1b}[2J" : ""
        for (row, line) in lines.enumerated() where isWhole || line != self.drawn[row] {
            text += "\u{1b}[\(row + 1);1H\(line)\(isWhole ? "" : "\u{1b}[K")"
        }
        self.drawn = lines
        return text
    }
}
