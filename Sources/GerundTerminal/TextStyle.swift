/// What a terminal can show.
public struct TextStyle: Sendable, Hashable {
    /// Whether a live line is kept at the bottom: on a terminal only.
    public var hasStatusLine: Bool
    public var hasColor: Bool
    /// Whether block characters can be shown; else ASCII stands in.
    public var hasUnicode: Bool
    /// Whether lines name their source: when there are several.
    public var namesSource: Bool
    /// The terminal's width, in characters.
    public var columns: Int

    public init(
        hasStatusLine: Bool, hasColor: Bool = false, hasUnicode: Bool = true, namesSource: Bool = false,
        columns: Int = 80
    ) {
        self.hasStatusLine = hasStatusLine
        self.hasColor = hasColor
        self.hasUnicode = hasUnicode
        self.namesSource = namesSource
        self.columns = columns
    }
}

/// Colours by what they mean (ECMA-48, SGR).
enum Ink: String {
    case label = "\u{1b}[1;32m"
    case quiet = "\u{1b}[2m"
    case trouble = "\u{1b}[33m"
    case active = "\u{1b}[32m"
    case title = "\u{1b}[1m"
    /// Reversed: what frames the rest.
    case bar = "\u{1b}[7m"

    static let off = "\u{1b}[0m"
}

extension String {
    func inked(_ ink: Ink, _ style: TextStyle) -> String {
        style.hasColor && !self.isEmpty ? ink.rawValue + self + Ink.off : self
    }
}
