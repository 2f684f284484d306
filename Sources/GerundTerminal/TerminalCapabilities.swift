/// The capabilities of a terminal, or of another output for text.
public struct TerminalCapabilities: Sendable, Hashable {
    /// A Boolean value that indicates whether a status line is kept at the bottom: on a terminal only.
    public var hasStatusLine: Bool
    /// A Boolean value that indicates whether escape sequences for colors may be written.
    public var hasColor: Bool
    /// A Boolean value that indicates whether block characters can be shown; otherwise ASCII characters replace them.
    public var hasUnicode: Bool
    /// A Boolean value that indicates whether lines name their source: if there are several.
    public var namesSource: Bool
    /// The width of the terminal, in columns.
    public var columns: Int

    /// Creates a set of capabilities.
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

/// The appearance of text, named by its meaning (ECMA-48, SGR).
enum TextAttribute: String {
    case label = "\u{1b}[1;32m"
    case dimmed = "\u{1b}[2m"
    case warning = "\u{1b}[33m"
    case active = "\u{1b}[32m"
    case title = "\u{1b}[1m"
    /// Reversed, for headings and the names of keys.
    case bar = "\u{1b}[7m"

    static let off = "\u{1b}[0m"
}

extension String {
    /// Returns the text with the escape sequences of an attribute, if the terminal has color.
    func styled(_ attribute: TextAttribute, _ capabilities: TerminalCapabilities) -> String {
        capabilities.hasColor && !self.isEmpty ? attribute.rawValue + self + TextAttribute.off : self
    }
}
