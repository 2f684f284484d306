extension String {
    /// Returns the candidate with the smallest edit distance to this string, for "did you mean …?".
    ///
    /// - Parameter candidates: The valid names.
    /// - Returns: The closest candidate; `nil` if none is close, or if this string is longer than 64 bytes.
    package func closestMatch(in candidates: [String]) -> String? {
        // The distance costs the product of the lengths, and a mistyped name is not much longer than the right one.
        guard self.utf8.count <= 64 else { return nil }
        let distances = candidates.map { (name: $0, distance: self.editDistance(to: $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= Swift.max(1, best.name.utf8.count / 3) ? best.name : nil
    }

    /// Returns the message for a name that isn't one of the known ones, with the closest match if there is one.
    ///
    /// For example `unknown key 'lables': did you mean 'labels'?`
    ///
    /// - Parameters:
    ///   - kind: The kind of name, such as `key` or `option`.
    ///   - path: The name as it is shown, such as `thresholds.lables`. The default is this string.
    ///   - known: The valid names.
    /// - Returns: The message, in one line.
    package func unknownNameMessage(_ kind: String, path: String? = nil, known: [String]) -> String {
        let hint = self.closestMatch(in: known).map { "did you mean '\($0)'?" }
        return "unknown \(kind) '\((path ?? self).sanitized)': "
            + (hint ?? "expected one of \(known.joined(separator: ", "))")
    }

    /// Returns the number of bytes to insert, delete or replace to get the other string, ignoring case (Levenshtein
    /// distance).
    private func editDistance(to other: String) -> Int {
        let (source, target) = (Array(self.lowercased().utf8), Array(other.lowercased().utf8))
        // row[j]: from the first i bytes of the source to the first j of the target.
        var row = Array(0...target.count)
        for (i, byte) in source.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, otherByte) in target.enumerated() {
                let replaced = diagonal + (byte == otherByte ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[target.count]
    }
}
