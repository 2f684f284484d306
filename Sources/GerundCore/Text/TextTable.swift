/// A table in plain text, aligned by terminal columns: wide characters such as CJK and emoji count as two.
///
///     var table = TextTable([.init("label"), .init("score", .trailing)])
///     table.append(["waving a hand", "0.93"])
///     print(table.text)
package struct TextTable: Sendable {
    /// The side of a column on which its cells stand.
    package enum Alignment: Sendable {
        case leading, trailing
    }

    /// A column of the table.
    package struct Column: Sendable {
        /// The caption, in the table's first line.
        package var title: String
        /// The side on which the cells and the caption stand.
        package var alignment: Alignment
        /// The minimum width, in terminal columns.
        package var minimumWidth: Int

        /// Creates a column.
        ///
        /// - Parameters:
        ///   - title: The caption.
        ///   - alignment: The side on which the cells stand. The default is the leading one.
        ///   - minimumWidth: The minimum width, in terminal columns.
        package init(_ title: String, _ alignment: Alignment = .leading, minimumWidth: Int = 0) {
            self.title = title
            self.alignment = alignment
            self.minimumWidth = minimumWidth
        }
    }

    /// The columns, from left to right.
    package let columns: [Column]
    private var rows: [[String]] = []

    /// Creates a table without rows.
    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Appends a row.
    ///
    /// - Parameter cells: The texts of the columns; missing ones are empty. They are sanitized: labels and names of
    ///   devices are untrusted.
    package mutating func append(_ cells: [String]) {
        self.rows.append(cells.map(\.sanitized))
    }

    /// The caption line and one line per row, each ending in a line feed.
    ///
    /// Two spaces separate columns; no line ends in spaces.
    package var text: String {
        let lines = [self.columns.map(\.title)] + self.rows
        let widths = self.columns.indices.map { column in
            lines.reduce(self.columns[column].minimumWidth) { width, line in
                column < line.count ? max(width, line[column].columnCount) : width
            }
        }
        return lines.map { self.line($0, widths: widths) }.joined()
    }

    private func line(_ cells: [String], widths: [Int]) -> String {
        let padded = zip(self.columns, widths).enumerated().map { index, column in
            (index < cells.count ? cells[index] : "").padded(to: column.1, column.0.alignment)
        }
        let line = padded.joined(separator: "  ")
        return String(line.prefix(line.count - line.reversed().prefix { $0 == " " }.count)) + "\n"
    }
}
