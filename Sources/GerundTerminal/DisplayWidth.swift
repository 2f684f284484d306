/// How much room text takes on a terminal, and text that takes no more than there is.
extension Character {
    /// The columns that a terminal gives to the character: two for East Asian wide ones and emoji.
    ///
    /// Terminals differ in rare cases; where in doubt, this is the greater width, so that nothing wraps.
    var columnCount: Int {
        guard let first = self.unicodeScalars.first else { return 0 }
        if self.unicodeScalars.contains(where: { Self.isWide($0) || $0 == "\u{fe0f}" }) { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return 1
        }
    }

    /// Wide or full-width by Unicode's EastAsianWidth.txt, in whole blocks, or an emoji.
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
    /// The columns that a terminal gives to the text.
    var columnCount: Int { self.reduce(0) { $0 + $1.columnCount } }

    /// The text in `width` columns, filled with spaces; what is wider stays as it is.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.columnCount))
    }

    /// The text in at most `width` columns; what is cut off ends in an ellipsis.
    func cut(to width: Int, hasUnicode: Bool) -> String {
        guard self.columnCount > width else { return self }
        let ellipsis = hasUnicode ? "…" : "~"
        var (text, room) = ("", width - 1)
        for character in self {
            room -= character.columnCount
            if room < 0 { break }
            text.append(character)
        }
        return width > 0 ? text + ellipsis : ""
    }

    /// The text without control characters: what a server says must not steer the terminal.
    var printable: String {
        guard self.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        var text = ""
        for scalar in self.unicodeScalars {
            text.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar)
        }
        return text
    }
}
