import FoundationEssentials

/// What truly happens in a clip: a list of `{"start": s, "end": s, "label": text}`, in seconds.
public struct Timeline: Sendable, Hashable {
    struct Segment: Decodable, Sendable, Hashable {
        var start: Double
        var end: Double
        var label: String
    }

    let segments: [Segment]

    /// - Throws: ``ModelError`` `timeline`.
    public init(path: String) throws(ModelError) {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            self.segments = try JSONDecoder().decode([Segment].self, from: data)
        } catch {
            throw ModelError(
                code: .timeline,
                message: "\(path): no timeline: it has to be a JSON list of {\"start\": seconds, \"end\": seconds, "
                    + "\"label\": text}",
                cause: error)
        }
    }

    /// The label of the segment in which a window lies wholly; `nil` when it lies in several.
    ///
    /// - Parameters:
    ///   - first: The window's oldest frame, in seconds.
    ///   - last: Its newest.
    func label(from first: Double, to last: Double) -> String? {
        // Frame times are rounded to milliseconds.
        let rounding = 0.001
        return self.segments.first { $0.start <= first + rounding && last <= $0.end + rounding }?.label
    }
}
