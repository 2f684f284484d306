/// What the full-screen view is drawn with.
public struct ScreenStyle: Sendable, Hashable {
    public var hasColor: Bool
    /// Whether block characters can be shown; else ASCII stands in.
    public var hasUnicode: Bool
    /// What local clocks show more than UTC.
    public var offsetFromUTC: Duration

    public init(hasColor: Bool, hasUnicode: Bool, offsetFromUTC: Duration) {
        self.hasColor = hasColor
        self.hasUnicode = hasUnicode
        self.offsetFromUTC = offsetFromUTC
    }
}

/// The terminal's size in characters.
public struct ScreenSize: Sendable, Hashable {
    public var rows: Int
    public var columns: Int

    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }
}
