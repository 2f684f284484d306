/// A line of the view: pieces of text, each in one colour, that never take more columns than there are.
struct ScreenLine: Sendable {
    private var pieces: [(text: String, ink: Ink?)] = []
    private(set) var columnCount = 0
    let limit: Int
    let hasUnicode: Bool

    init(limit: Int, hasUnicode: Bool) {
        self.limit = limit
        self.hasUnicode = hasUnicode
    }

    var room: Int { self.limit - self.columnCount }

    /// Adds what there is room for; control characters can't get through.
    mutating func add(_ text: String, _ ink: Ink? = nil) {
        let cut = text.printable.cut(to: self.room, hasUnicode: self.hasUnicode)
        guard !cut.isEmpty else { return }
        self.pieces.append((cut, ink))
        self.columnCount += cut.columnCount
    }

    /// Adds text that takes exactly `width` columns, or what is left of them.
    mutating func add(_ text: String, width: Int, _ ink: Ink? = nil) {
        let cut = text.printable.cut(to: max(0, width), hasUnicode: self.hasUnicode)
        self.add(cut.padded(to: width), ink)
    }

    /// Adds spaces up to a column.
    mutating func fill(to column: Int, _ ink: Ink? = nil) {
        self.add(String(repeating: " ", count: max(0, min(column, self.limit) - self.columnCount)), ink)
    }

    /// Adds text at the right edge, if there is room for it all.
    mutating func addRight(_ text: String, _ ink: Ink? = nil, fill: Ink? = nil) {
        let width = text.printable.columnCount
        guard width < self.room else { return self.fill(to: self.limit, fill) }
        self.fill(to: self.limit - width, fill)
        self.add(text, ink)
    }

    func text(_ style: TextStyle) -> String {
        self.pieces.map { piece in piece.ink.map { piece.text.inked($0, style) } ?? piece.text }.joined()
    }
}
