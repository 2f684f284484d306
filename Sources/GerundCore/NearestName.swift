extension String {
    /// The name that was probably meant: the candidate with the fewest typing errors between; `nil` when none is near.
    package func nearest(in candidates: [String]) -> String? {
        // A mistyped name is not much longer than the right one, and the distance costs the product of the lengths.
        guard self.utf8.count <= 64 else { return nil }
        let distances = candidates.map { (name: $0, distance: self.editDistance(to: $0)) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= Swift.max(1, best.name.utf8.count / 3) ? best.name : nil
    }

    /// How many bytes have to be inserted, deleted or replaced (Levenshtein).
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
