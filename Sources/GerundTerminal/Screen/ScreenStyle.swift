/// The appearance of the full-screen view.
public struct ScreenStyle: Sendable, Hashable {
    /// A Boolean value that indicates whether escape sequences for colors may be written.
    public var hasColor: Bool
    /// A Boolean value that indicates whether block characters can be shown; otherwise ASCII characters replace them.
    public var hasUnicode: Bool
    /// The difference between local time and UTC.
    public var offsetFromUTC: Duration

    /// Creates a style.
    public init(hasColor: Bool, hasUnicode: Bool, offsetFromUTC: Duration) {
        self.hasColor = hasColor
        self.hasUnicode = hasUnicode
        self.offsetFromUTC = offsetFromUTC
    }
}

/// The size of a terminal.
public struct ScreenSize: Sendable, Hashable {
    /// The number of lines.
    public var rows: Int
    /// The number of character cells per line.
    public var columns: Int

    /// Creates a size.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}
