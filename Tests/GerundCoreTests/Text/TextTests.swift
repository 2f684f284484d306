import GerundCore
import Testing

@Suite("String.sanitized")
struct SanitizedTests {
    @Test(
        "Replaces whatever breaks a line or controls a terminal",
        arguments: [
            ("\u{1b}[31mred", "\u{FFFD}[31mred"), ("a\r\nb", "a\u{FFFD}\u{FFFD}b"),
            ("\0\t\u{7f}\u{9b}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("a\u{2028}b\u{2029}", "a\u{FFFD}b\u{FFFD}"),
            ("\u{202e}gpj.exe\u{2066}x\u{2069}", "\u{FFFD}gpj.exe\u{FFFD}x\u{FFFD}"),
        ])
    func unsafe(text: String, sanitized: String) {
        #expect(text.sanitized == sanitized)
    }

    @Test("Keeps all other text", arguments: ["", "walking", "日本語", "café", "👩‍👩‍👧", "שלום", "e\u{301}", "\u{200f}a"])
    func safe(text: String) {
        #expect(text.sanitized.unicodeScalars.elementsEqual(text.unicodeScalars))
    }
}

@Suite("String.trimmed")
struct TrimmedTests {
    @Test(
        "Removes whitespace at both ends only",
        arguments: [("", ""), (" \t", ""), ("a", "a"), ("\u{3000} a b\r\n", "a b"), ("a ", "a"), (" a", "a")])
    func trimmed(text: String, expected: String) {
        #expect(text.trimmed == expected)
    }
}

@Suite("String.columnCount")
struct ColumnCountTests {
    @Test(
        "Counts terminal columns",
        arguments: [
            ("", 0), ("abc", 3), ("日本", 4), ("ｶﾅ", 2), ("e\u{301}", 1), ("👍", 2), ("👩‍👩‍👧", 2), ("❤\u{fe0f}", 2), ("한", 2),
            ("\u{200b}", 0),
        ])
    func count(text: String, columns: Int) {
        #expect(text.columnCount == columns)
    }

    @Test("Pads to a number of columns on either side")
    func padding() {
        #expect("日本".padded(to: 6) == "日本  ")
        #expect("日本".padded(to: 6, .trailing) == "  日本")
        #expect("abc".padded(to: 2) == "abc")
    }

    @Test(
        "Truncates between characters and never exceeds the width",
        arguments: [("waving", 6, "waving"), ("waving", 4, "wav…"), ("日本語", 4, "日…"), ("日本語", 1, "…"), ("abc", 0, "")])
    func truncation(text: String, width: Int, expected: String) {
        #expect(text.truncated(to: width, hasUnicode: true) == expected)
        #expect(text.truncated(to: width, hasUnicode: false) == expected.replacing("…", with: "~"))
        #expect(text.truncated(to: width, hasUnicode: true).columnCount <= width)
    }
}

@Suite("TextTable")
struct TextTableTests {
    @Test("Aligns columns by terminal columns, with CJK and emoji labels")
    func wideCharacters() {
        var table = TextTable([.init("label"), .init("alarms", .trailing), .init("note")])
        table.append(["walking", "3", "a"])
        table.append(["歩く人", "12", ""])
        table.append(["👍 ok", "1234567", "b"])
        #expect(
            table.text == """
                label     alarms  note
                walking        3  a
                歩く人        12
                👍 ok    1234567  b

                """)
        let ends = table.text.split(separator: "\n").map { String($0).dropTrailingNote.columnCount }
        #expect(ends == [16, 16, 16, 16])
    }

    @Test("Keeps a minimum width, fills missing cells and sanitizes the others")
    func cells() {
        var table = TextTable([.init("a", minimumWidth: 4), .init("b", .trailing), .init("c")])
        table.append(["x\ny"])
        #expect(table.text == "a     b  c\nx\u{FFFD}y\n")
    }
}

extension String {
    /// The line up to the end of its second column.
    fileprivate var dropTrailingNote: String {
        for note in ["  note", "  a", "  b"] where self.hasSuffix(note) { return String(self.dropLast(note.count)) }
        return self
    }
}

@Suite("Double.shortDescription")
struct ShortDescriptionTests {
    @Test(
        "Omits the fraction of integers and never traps",
        arguments: [(0.1, "0.1"), (3600, "3600"), (-2, "-2"), (1e300, "1e+300"), (.infinity, "inf"), (.nan, "nan")])
    func text(value: Double, expected: String) {
        #expect(value.shortDescription == expected)
    }
}
