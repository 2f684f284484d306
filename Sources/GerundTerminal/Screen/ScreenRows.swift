/// The rows of a terminal, divided among a title, the sources, the events and the keys.
///
///     gerund  demo-model     4.0 windows/s …     title
///     SOURCE  NOW                   HISTORY      heading
///     door    walking  ▇▇▇▇▇▇  0.93   ▁▃▅▇       sources, each in `sourceHeight` rows
///     TIME    SOURCE  EVENT                      heading
///     …                                          events
///     q quit  ? help                             keys
struct ScreenRows: Hashable {
    /// A Boolean value that indicates whether there is a line for it.
    var hasTitle: Bool, hasKeys: Bool, hasSourceHeading: Bool
    /// The rows for all sources together, including a line that counts hidden ones.
    var sourceRows: Int
    /// The rows for each source.
    var sourceHeight: Int
    /// The rows for the events, including their heading: those that the sources leave.
    var eventRows: Int

    /// The height of a source with its best labels and a taller graph.
    static let maximumHeight = 4

    init(rows: Int, sourceCount: Int) {
        // On the smallest terminals, the current labels are kept longest.
        self.hasTitle = rows >= 3
        self.hasKeys = rows >= 5
        self.hasSourceHeading = rows >= 6
        let body = max(0, rows - [self.hasTitle, self.hasKeys, self.hasSourceHeading].filter { $0 }.count)
        let events = body < 4 ? 0 : max(2, body * 2 / 5)
        let sources = body - events
        let count = max(1, sourceCount)
        self.sourceHeight = min(max(1, sources / count), Self.maximumHeight)
        self.sourceRows = min(sources, count * self.sourceHeight)
        self.eventRows = body - self.sourceRows
    }
}

/// The sources that are shown, if there are more than fit.
struct ScreenScroll: Hashable {
    /// The indices of the sources that are shown.
    var shown: Range<Int>
    /// The number of hidden sources; reported in a separate line if there are any.
    var hidden: Int

    /// Chooses the sources to show.
    ///
    /// - Parameters:
    ///   - count: The number of sources.
    ///   - rows: The rows for all sources together.
    ///   - height: The rows for each source.
    ///   - offset: The number of sources to skip at the top; limited so that the last one stays visible.
    init(count: Int, rows: Int, height: Int, offset: Int) {
        let fit = height > 0 ? rows / height : 0
        guard count > fit else {
            (self.shown, self.hidden) = (0..<count, 0)
            return
        }
        // A single row shows a source rather than the number of hidden ones.
        let visible = rows > 1 ? rows - 1 : min(rows, count)
        let start = min(max(0, offset), count - visible)
        self.shown = start..<start + visible
        self.hidden = rows > 1 ? count - visible : 0
    }
}
