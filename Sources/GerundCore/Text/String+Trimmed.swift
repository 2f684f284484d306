extension StringProtocol {
    /// The text without whitespace at its beginning and end.
    package var trimmed: String {
        let start = self.drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
    }
}
