/// How a terminal's rows are shared out: a title, the sources, the events, and the keys.
///
///     gerund  demo-model     4.0 windows/s …     title
///     SOURCE  NOW                   HISTORY      heading
///     door    walking  ▇▇▇▇▇▇  0.93   ▁▃▅▇       sources, each in `sourceHeight` rows
///     TIME    SOURCE  EVENT                      heading
///     …                                          events
///     q quit  ? help                             keys
struct ScreenAreas: Hashable {
    /// Whether there is a line for it.
    var hasTitle: Bool, hasKeys: Bool, hasSourceHeading: Bool
    /// Rows for all sources together, a line that tells of hidden ones included.
    var sourceRows: Int
    /// Rows for each source.
    var sourceHeight: Int
    /// Rows for the events, their heading included; those that the sources leave.
    var eventRows: Int

    /// A block of a source, with its best labels and a taller graph.
    static let greatestHeight = 4

    init(rows: Int, sourceCount: Int) {
        // On the smallest terminals, what is seen now stays longest.
        self.hasTitle = rows >= 3
        self.hasKeys = rows >= 5
        self.hasSourceHeading = rows >= 6
        let body = max(0, rows - [self.hasTitle, self.hasKeys, self.hasSourceHeading].filter { $0 }.count)
        let events = body < 4 ? 0 : max(2, body * 2 / 5)
        let sources = body - events
        let count = max(1, sourceCount)
        self.sourceHeight = min(max(1, sources / count), Self.greatestHeight)
        self.sourceRows = min(sources, count * self.sourceHeight)
        self.eventRows = body - self.sourceRows
    }
}

/// Which sources are shown, when there are more than fit.
struct ScreenScroll: Hashable {
    /// The indices of those that are shown.
    var shown: Range<Int>
    /// How many are hidden, told in a line of its own when there are any.
    var hidden: Int

    /// - Parameter wanted: How many to leave out at the top; limited to where the last one is still shown.
    init(count: Int, rows: Int, height: Int, wanted: Int) {
        let fit = height > 0 ? rows / height : 0
        guard count > fit else {
            (self.shown, self.hidden) = (0..<count, 0)
            return
        }
        // With a single row, that shows a source rather than how many are hidden.
        let visible = rows > 1 ? rows - 1 : min(rows, count)
        let start = min(max(0, wanted), count - visible)
        self.shown = start..<start + visible
        self.hidden = rows > 1 ? count - visible : 0
    }
}
