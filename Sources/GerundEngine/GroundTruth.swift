import GerundCore

/// The true labels of a clip: a JSON array of `{"start": s, "end": s, "label": text}`, in seconds of media time.
public struct GroundTruth: Sendable, Hashable {
    struct Segment: Sendable, Hashable {
        var start: Double
        var end: Double
        var label: String
    }

    let segments: [Segment]

    /// The maximum size of a file, in bytes.
    private static let maximumByteCount = 16 << 20

    /// Reads a file.
    ///
    /// - Parameter path: The path of a JSON file.
    /// - Throws: ``ModelError`` with the code `groundTruth` if the file can't be read or has another form.
    public init(path: String) throws(ModelError) {
        let bytes: [UInt8]
        do {
            bytes = try TextFile.readBytes(path: path, limit: Self.maximumByteCount)
        } catch {
            throw ModelError(code: .groundTruth, wrapping: error)
        }
        do {
            self.segments = try Self.segments(JSONValue(parsing: bytes))
        } catch {
            throw ModelError(
                code: .groundTruth, subject: path,
                message: "invalid ground truth: expected a JSON array of {\"start\": seconds, \"end\": seconds, "
                    + "\"label\": text}",
                cause: error)
        }
    }

    private static func segments(_ value: JSONValue) throws -> [Segment] {
        guard let values = value.array else {
            throw JSONReader().invalidValue(nil, expected: "an array", found: value.shortDescription)
        }
        return try JSONReader.readers(of: values).map { segment in
            guard let start = try segment.number("start") else { throw segment.missing("start", expected: "a number") }
            guard let end = try segment.number("end") else { throw segment.missing("end", expected: "a number") }
            guard let label = try segment.string("label") else { throw segment.missing("label", expected: "a string") }
            return Segment(start: start, end: end, label: label)
        }
    }

    /// Returns the label of the segment that contains a whole window.
    ///
    /// - Parameters:
    ///   - first: The media time of the window's oldest frame, in seconds.
    ///   - last: The media time of the window's newest frame, in seconds.
    /// - Returns: The label; `nil` if no segment contains the window.
    func label(from first: Double, to last: Double) -> String? {
        // Frame times are rounded to milliseconds.
        let rounding = 0.001
        return self.segments.first { $0.start <= first + rounding && last <= $0.end + rounding }?.label
    }
}
