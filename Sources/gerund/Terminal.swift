import GerundTerminal
import Glibc

/// The capabilities of the terminal at standard output.
enum Terminal {
    /// The capabilities of standard output.
    static var capabilities: TerminalCapabilities {
        let isCapable = StandardOutput.isTerminal && self.isCapable
        return TerminalCapabilities(
            hasStatusLine: isCapable, hasColor: isCapable && (self.variable("NO_COLOR") ?? "").isEmpty,
            hasUnicode: self.isUTF8, columns: StandardOutput.columns)
    }

    /// A Boolean value that indicates whether the terminal understands more than plain lines.
    static var isCapable: Bool { self.variable("TERM") != "dumb" }

    private static var isUTF8: Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(self.variable).first { !$0.isEmpty } ?? ""
        return locale.lowercased().replacing("-", with: "").contains("utf8")
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
