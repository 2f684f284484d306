import ArgumentParser
import GerundTerminal
import Glibc

/// What to print.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    /// Text on a terminal, JSON Lines otherwise.
    case auto
    case text
    case jsonl
    /// The full-screen view.
    case screen

    /// Whether that is text for people, here and now.
    var isText: Bool { self == .text || self == .auto && StandardOutput.isTerminal }
}

/// What the terminal at standard output can show.
enum Terminal {
    static func style(namesSource: Bool = false) -> TextStyle {
        let isCapable = StandardOutput.isTerminal && self.isCapable
        return TextStyle(
            hasStatusLine: isCapable, hasColor: isCapable && (self.variable("NO_COLOR") ?? "").isEmpty,
            hasUnicode: self.isUTF8, namesSource: namesSource, columns: StandardOutput.columns)
    }

    /// Whether it understands more than plain lines.
    static var isCapable: Bool { self.variable("TERM") != "dumb" }

    private static var isUTF8: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(self.variable).first { !$0.isEmpty } ?? ""
        return locale.lowercased().replacing("-", with: "").contains("utf8")
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
