/// The header of a safetensors file: what is in it, and where.
///
/// The format (<https://github.com/huggingface/safetensors#format>): eight bytes with the header's length, the header,
/// a JSON object, then the tensors' bytes, which the tensors of the header cover without gaps and overlaps.
/// A pure value made from bytes; ``SafeTensors`` does the reading.
struct SafeTensorsHeader: Equatable, Sendable {
    /// The longest header that the reference implementation accepts, in bytes.
    static let lengthLimit = 100_000_000
    /// The bytes before the header: its length, little-endian.
    static let prefixLength = 8

    /// Names in the order of their data.
    var names: [String]
    var tensors: [String: TensorInfo]
    /// What `__metadata__` says, for example the framework that wrote the file.
    var metadata: [String: String]

    /// - Parameters:
    ///   - json: The header, without its length.
    ///   - fileSize: The whole file's size in bytes.
    init(json: [UInt8], fileSize: Int) throws(SafeTensorsFault) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(json)
        } catch {
            throw SafeTensorsFault("the header is broken: \(error)")
        }
        guard json.first == UInt8(ascii: "{"), let members = value.object else {
            throw SafeTensorsFault("the header is not a JSON object: this is no safetensors file")
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

    private static func metadata(_ value: JSONValue) throws(SafeTensorsFault) -> [String: String] {
        guard let members = value.object else { throw SafeTensorsFault("'__metadata__' is not an object") }
        var metadata: [String: String] = [:]
        for name in members.names {
            guard let text = members[name]?.string else {
                throw SafeTensorsFault("'__metadata__': '\(name.singleLine)' is not a string")
            }
            metadata[name] = text
        }
        return metadata
    }

    private static func tensor(
        _ value: JSONValue, name: String, dataStart: Int
    ) throws(SafeTensorsFault) -> TensorInfo {
        func fault(_ message: String) -> SafeTensorsFault {
            SafeTensorsFault("tensor '\(name.singleLine)': \(message)")
        }

        guard let members = value.object else { throw fault("its entry is \(value.kind), an object was expected") }
        guard let typeName = members["dtype"]?.string else { throw fault("'dtype' is missing or not a string") }
        guard let type = TensorInfo.ElementType(rawValue: typeName) else {
            throw fault("unknown dtype '\(typeName.singleLine)'")
        }
        guard let shapeValues = members["shape"]?.array else { throw fault("'shape' is missing or not a list") }
        let shape = shapeValues.compactMap(\.integer)
        guard shape.count == shapeValues.count, shape.allSatisfy({ $0 >= 0 }) else {
            throw fault("'shape' is not a list of whole numbers")
        }
        guard let offsetValues = members["data_offsets"]?.array else {
            throw fault("'data_offsets' is missing or not a list")
        }
        let offsets = offsetValues.compactMap(\.integer)
        guard offsetValues.count == 2, offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
            throw fault("'data_offsets' has to be a begin and an end, found \(offsetValues.map(\.kind))")
        }
        guard let byteCount = TensorInfo.byteCount(of: type, shape: shape) else {
            throw fault("no file has a \(type) tensor \(shape)")
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw fault(
                "a \(type) tensor \(shape) has \(byteCount) bytes, but 'data_offsets' span \(offsets[1] - offsets[0])")
        }
        let (end, overflow) = dataStart.addingReportingOverflow(offsets[1])
        guard !overflow else { throw fault("'data_offsets' are beyond any file") }
        return TensorInfo(elementType: type, shape: shape, byteRange: end - byteCount..<end)
    }

    /// Checks that the tensors lie in the data end to end: the format allows neither holes nor overlaps, so that no
    /// byte of a file is unaccounted for.
    private func checkCoverage(of data: Range<Int>) throws(SafeTensorsFault) {
        var position = data.lowerBound
        for name in self.names {
            guard let range = self.tensors[name]?.byteRange else { continue }
            if range.upperBound > data.upperBound {
                throw SafeTensorsFault(
                    "tensor '\(name.singleLine)' ends at byte \(range.upperBound), but the file has "
                        + "\(data.upperBound): it is truncated, fetch it again")
            }
            if range.lowerBound < position {
                throw SafeTensorsFault("tensor '\(name.singleLine)' overlaps the one before it")
            }
            if range.lowerBound > position {
                throw SafeTensorsFault(
                    "bytes \(position) to \(range.lowerBound), before tensor '\(name.singleLine)', belong to no tensor")
            }
            position = range.upperBound
        }
        if position < data.upperBound {
            throw SafeTensorsFault("the last \(data.upperBound - position) bytes belong to no tensor")
        }
    }
}

/// What breaks the format; becomes a ``CheckpointError`` where the file's path is known.
struct SafeTensorsFault: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}
