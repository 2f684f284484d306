/// The capabilities of a terminal, or of another output for text.
public struct TerminalCapabilities: Sendable, Hashable {
    /// A Boolean value that indicates whether the output supports a status line, which is redrawn in place below the
    /// other lines: on a terminal only.
    public var hasStatusLine: Bool
    /// A Boolean value that indicates whether the output supports color, by escape sequences.
    ///
    /// The default is `false`.
    public var hasColor: Bool
    /// A Boolean value that indicates whether the output supports block characters; otherwise ASCII characters replace
    /// them.
    ///
    /// The default is `true`.
    public var hasUnicode: Bool
    /// The width of the terminal, in columns.
    ///
    /// The default is 80.
    public var columns: Int

    /// Creates a set of capabilities.
    public init(
        hasStatusLine: Bool, hasColor: Bool = false, hasUnicode: Bool = true, columns: Int = 80
    ) {
        self.hasStatusLine = hasStatusLine
        self.hasColor = hasColor
        self.hasUnicode = hasUnicode
        self.columns = columns
    }
}

/// The appearance of text (ECMA-48, SGR).
enum TextAttribute: String {
    case label = "\u{1b}[1;32m"
    case secondary = "\u{1b}[2m"
    case warning = "\u{1b}[33m"
    case active = "\u{1b}[32m"
    case title = "\u{1b}[1m"
    /// Reversed, for headings and the names of keys.
    case heading = "\u{1b}[7m"

    static let off = "\u{1b}[0m"
}

extension String {
    /// Returns the text with the escape sequences of an attribute, if the terminal has color.
    func styled(_ attribute: TextAttribute, _ capabilities: TerminalCapabilities) -> String {
        capabilities.hasColor && !self.isEmpty ? attribute.rawValue + self + TextAttribute.off : self
    }
}
