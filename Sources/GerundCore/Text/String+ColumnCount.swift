// The width of text on a terminal, whose cells hold one character, or half of a wide one.

extension Character {
    /// The number of terminal columns that the character occupies: 0, 1, or 2 for East Asian wide characters and emoji.
    ///
    /// Terminals differ in rare cases; in doubt this is the greater width, so that no line wraps.
    package var columnCount: Int {
        guard let first = self.unicodeScalars.first else { return 0 }
        if self.unicodeScalars.contains(where: { Self.isWide($0) || $0 == "\u{fe0f}" }) { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return 1
        }
    }

    /// Returns whether a scalar is wide or full-width by Unicode's EastAsianWidth.txt, in whole blocks, or an emoji.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
            0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18aff, 0x1b000...0x1b2ff,
            0x1f1e6...0x1f1ff, 0x1f300...0x1faff, 0x2_0000...0x3_fffd:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }
}

extension String {
    /// The number of terminal columns that the text occupies.
    package var columnCount: Int { self.reduce(0) { $0 + $1.columnCount } }

    /// Returns the text filled with spaces to a number of terminal columns.
    ///
    /// - Parameters:
    ///   - width: The number of columns; a wider text is returned unchanged.
    ///   - alignment: The side on which the text stands. The default is the leading one.
    /// - Returns: The text with spaces after it or before it.
    package func padded(to width: Int, _ alignment: TextTable.Alignment = .leading) -> String {
        let spaces = String(repeating: " ", count: max(0, width - self.columnCount))
        return alignment == .leading ? self + spaces : spaces + self
    }

    /// Returns the text shortened to a number of terminal columns.
    ///
    /// - Parameters:
    ///   - width: The maximum number of columns.
    ///   - hasUnicode: Whether a shortened text may end in `…`; the alternative is `~`.
    /// - Returns: The text, or its beginning and an ellipsis.
    package func truncated(to width: Int, hasUnicode: Bool) -> String {
        guard self.columnCount > width else { return self }
        let ellipsis = hasUnicode ? "…" : "~"
        var (text, remainingColumns) = ("", width - 1)
        for character in self {
            remainingColumns -= character.columnCount
            if remainingColumns < 0 { break }
            text.append(character)
        }
        return width > 0 ? text + ellipsis : ""
    }
}
