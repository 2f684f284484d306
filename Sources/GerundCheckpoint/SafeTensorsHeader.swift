import GerundCore

/// The header of a safetensors file: the names, types, shapes and offsets of its tensors.
///
/// The format (<https://github.com/huggingface/safetensors#format>) is the header's length in eight bytes, the header
/// as a JSON object, and the tensors' data, which the tensors cover without gaps and overlaps. This type parses and
/// checks; ``SafeTensors`` reads the file.
struct SafeTensorsHeader: Equatable, Sendable {
    /// The maximum length of a header in the reference implementation, in bytes.
    static let maximumLength = 100_000_000
    /// The number of bytes before the header: its length, as a little-endian 64-bit integer.
    static let prefixLength = 8

    /// The names of the tensors, in the order of their data.
    var names: [String]
    /// The tensors by name.
    var tensors: [String: TensorInfo]
    /// The members of `__metadata__`, such as the framework that wrote the file.
    var metadata: [String: String]

    /// Parses and checks a header.
    ///
    /// - Parameters:
    ///   - json: The header, without its length.
    ///   - fileSize: The size of the whole file, in bytes.
    /// - Throws: ``SafeTensorsError`` for the first violation of the format.
    init(json: [UInt8], fileSize: Int) throws(SafeTensorsError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: json)
        } catch {
            throw SafeTensorsError("invalid header: \(error.message)")
        }
        guard json.first == UInt8(ascii: "{"), let members = value.object else {
            throw SafeTensorsError("the header is not a JSON object: not a safetensors file")
        }

        self.metadata = [:]
        self.tensors = [:]
        let dataStart = Self.prefixLength + json.count
        for name in members.names {
            guard let value = members[name] else { continue }
            if name == "__metadata__" {
                self.metadata = try Self.metadata(value)
            } else {
                self.tensors[name] = try Self.tensor(value, name: name, dataStart: dataStart)
            }
        }
        self.names = self.tensors.sorted {
            // Tensors without elements share their offset with the next one.
            ($0.value.byteRange.lowerBound, $0.value.byteRange.upperBound, $0.key)
                < ($1.value.byteRange.lowerBound, $1.value.byteRange.upperBound, $1.key)
        }.map(\.key)
        try self.checkCoverage(of: dataStart..<fileSize)
    }

    private static func metadata(_ value: JSONValue) throws(SafeTensorsError) -> [String: String] {
        guard let members = value.object else { throw SafeTensorsError("'__metadata__' is not an object") }
        var metadata: [String: String] = [:]
        for name in members.names {
            guard let text = members[name]?.string else {
                throw SafeTensorsError("'__metadata__': '\(name.sanitized)' is not a string")
            }
            metadata[name] = text
        }
        return metadata
    }

    private static func tensor(
        _ value: JSONValue, name: String, dataStart: Int
    ) throws(SafeTensorsError) -> TensorInfo {
        func invalid(_ message: String) -> SafeTensorsError {
            SafeTensorsError("tensor '\(name.sanitized)': \(message)")
        }

        guard let members = value.object else { throw invalid("expected an object, found \(value.shortDescription)") }
        guard let typeName = members["dtype"]?.string else { throw invalid("'dtype' must be a string") }
        guard let type = TensorInfo.ElementType(rawValue: typeName) else {
            throw invalid("unknown dtype '\(typeName.sanitized)'")
        }
        guard let shapeValues = members["shape"]?.array else { throw invalid("'shape' must be an array") }
        let shape = shapeValues.compactMap(\.integer)
        guard shape.count == shapeValues.count, shape.allSatisfy({ $0 >= 0 }) else {
            throw invalid("'shape' must be an array of non-negative integers")
        }
        guard let offsetValues = members["data_offsets"]?.array else {
            throw invalid("'data_offsets' must be an array")
        }
        let offsets = offsetValues.compactMap(\.integer)
        guard offsetValues.count == 2, offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
            throw invalid("'data_offsets' must be a begin and an end, found \(offsetValues.map(\.shortDescription))")
        }
        guard let byteCount = TensorInfo.byteCount(of: type, shape: shape) else {
            throw invalid("invalid size of a \(type) tensor \(shape)")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw invalid(
                "a \(type) tensor \(shape) has \(byteCount) bytes, but 'data_offsets' covers \(offsets[1] - offsets[0])"
            )
        }
        let (end, overflow) = dataStart.addingReportingOverflow(offsets[1])
        guard !overflow else { throw invalid("'data_offsets' is out of range") }
        return TensorInfo(elementType: type, shape: shape, byteRange: end - byteCount..<end)
    }

    /// Checks that the tensors cover the data without gaps and overlaps, as the format requires, so that every byte of
    /// a file belongs to a tensor.
    private func checkCoverage(of data: Range<Int>) throws(SafeTensorsError) {
        var position = data.lowerBound
        for name in self.names {
            guard let range = self.tensors[name]?.byteRange else { continue }
            if range.upperBound > data.upperBound {
                throw SafeTensorsError(
                    "tensor '\(name.sanitized)' ends at byte \(range.upperBound), but the file has "
                        + "\(data.upperBound): it is truncated, download it again")
            }
            if range.lowerBound < position {
                throw SafeTensorsError("tensor '\(name.sanitized)' overlaps the previous one")
            }
            if range.lowerBound > position {
                throw SafeTensorsError(
                    "gap before tensor '\(name.sanitized)': bytes \(position) to \(range.lowerBound) belong to no tensor"
                )
            }
            position = range.upperBound
        }
        if position < data.upperBound {
            throw SafeTensorsError("the last \(data.upperBound - position) bytes belong to no tensor")
        }
    }
}

/// A violation of the safetensors format; becomes a ``CheckpointError`` where the file's path is known.
struct SafeTensorsError: Error, Hashable {
    /// A description of the violation, in one line without the path.
    var message: String

    init(_ message: String) { self.message = message }
}
