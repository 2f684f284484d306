import GerundCore

/// A line of the view: pieces of text, each with one attribute, that never exceed the width of the terminal.
struct ScreenLine: Sendable {
    private var pieces: [(text: String, attribute: TextAttribute?)] = []
    private(set) var columnCount = 0
    let limit: Int
    let hasUnicode: Bool

    init(limit: Int, hasUnicode: Bool) {
        self.limit = limit
        self.hasUnicode = hasUnicode
    }

    var remainingColumns: Int { self.limit - self.columnCount }

    /// Adds as much of the text as fits, sanitized.
    mutating func add(_ text: String, _ attribute: TextAttribute? = nil) {
        let cut = text.sanitized.truncated(to: self.remainingColumns, hasUnicode: self.hasUnicode)
        guard !cut.isEmpty else { return }
        self.pieces.append((cut, attribute))
        self.columnCount += cut.columnCount
    }

    /// Adds text, truncated or padded to `width` columns or to those that remain.
    mutating func add(_ text: String, width: Int, _ attribute: TextAttribute? = nil) {
        let cut = text.sanitized.truncated(to: max(0, width), hasUnicode: self.hasUnicode)
        self.add(cut.padded(to: width), attribute)
    }

    /// Adds spaces up to a column.
    mutating func fill(to column: Int, _ attribute: TextAttribute? = nil) {
        self.add(String(repeating: " ", count: max(0, min(column, self.limit) - self.columnCount)), attribute)
    }

    /// Adds text at the right edge, if all of it fits.
    mutating func addRight(_ text: String, _ attribute: TextAttribute? = nil, fill: TextAttribute? = nil) {
        let width = text.sanitized.columnCount
        guard width < self.remainingColumns else { return self.fill(to: self.limit, fill) }
        self.fill(to: self.limit - width, fill)
        self.add(text, attribute)
    }

    func text(_ capabilities: TerminalCapabilities) -> String {
        self.pieces.map { piece in piece.attribute.map { piece.text.styled($0, capabilities) } ?? piece.text }.joined()
    }
}
