extension String {
    /// The text as a single line that can't control a terminal.
    ///
    /// Text from files, servers and devices is untrusted: an escape sequence in it could rewrite what a terminal shows,
    /// a line break could fake a log line, and a bidirectional override could reorder the text around it. Replaces
    /// control characters, line and paragraph separators, and the bidirectional embeddings, overrides and isolates by
    /// U+FFFD, the replacement character. Apply it wherever such text enters a message, a name or the screen.
    package var sanitized: String {
        guard self.unicodeScalars.contains(where: \.isUnsafeForDisplay) else { return self }
        return String(
            String.UnicodeScalarView(self.unicodeScalars.map { $0.isUnsafeForDisplay ? "\u{FFFD}" : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isUnsafeForDisplay: Bool {
        switch self.value {
        case 0x20..<0x7F: false
        case 0x202A...0x202E, 0x2066...0x2069: true
        default:
            switch self.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}
