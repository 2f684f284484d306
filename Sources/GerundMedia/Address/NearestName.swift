/// The name that was probably meant by a mistyped one.
///
/// - Returns: The known name with the fewest letters to insert, delete or replace; `nil` when none is near.
func nearestName(to name: String, among known: [String]) -> String? {
    let distances = known.map { (name: $0, distance: editDistance(Array(name.utf8.prefix(64)), Array($0.utf8))) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, best.name.utf8.count / 2) ? best.name : nil
}

/// Levenshtein's distance, one row at a time.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, right) in b.enumerated() {
            let replaced = diagonal + (left == right ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}
