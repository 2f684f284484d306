/// The bytes of valid and invalid safetensors files, for tests.
enum SafeTensorsBytes {
    /// Returns a file with any header and data.
    ///
    /// - Parameters:
    ///   - header: The header.
    ///   - data: The bytes after the header.
    ///   - headerLength: The length in the first eight bytes. The default is the actual length.
    /// - Returns: The bytes of the file.
    static func make(header: String, data: [UInt8] = [], headerLength: UInt64? = nil) -> [UInt8] {
        littleEndian(headerLength ?? UInt64(header.utf8.count)) + Array(header.utf8) + data
    }

    /// Returns a valid file with adjacent tensors.
    static func make(_ tensors: [(name: String, dtype: String, shape: [Int], data: [UInt8])]) -> [UInt8] {
        var offset = 0
        let entries = tensors.map { tensor in
            defer { offset += tensor.data.count }
            return entry(tensor.name, tensor.dtype, "\(tensor.shape)", "[\(offset), \(offset + tensor.data.count)]")
        }
        return make(header: "{" + entries.joined(separator: ", ") + "}", data: tensors.flatMap(\.data))
    }

    /// Returns one member of a header.
    static func entry(_ name: String, _ dtype: String, _ shape: String, _ offsets: String) -> String {
        #""\#(name)": {"dtype": "\#(dtype)", "shape": \#(shape), "data_offsets": \#(offsets)}"#
    }

    static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func f32(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }
    static func u16(_ values: [UInt16]) -> [UInt8] { values.flatMap { littleEndian($0) } }
}
