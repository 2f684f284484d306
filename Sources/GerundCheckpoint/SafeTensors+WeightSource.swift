public import GerundTensor

extension SafeTensors: WeightSource {
    public func contains(_ name: String) -> Bool { self.info(name) != nil }

    /// Copies a part of one tensor into `values`: F32 as it is, F16 and BF16 exactly, since float32 holds all their values.
    ///
    /// - Throws: ``WeightError`` when there is no such tensor, its shape is another, its type is none of the three, or
    ///   (code `missing`) its bytes can't be read any more.
    public func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        func error(_ code: WeightError.Code, found: String?) -> WeightError {
            WeightError(
                code: code, origin: self.path, tensor: name, expected: "float tensor \(shape)", found: found)
        }

        guard let info = self.info(name) else { throw error(.missing, found: nil) }
        guard info.shape == shape else { throw error(.wrongShape, found: info.description) }
        guard [.f32, .f16, .bf16].contains(info.elementType) else { throw error(.wrongType, found: info.description) }
        precondition(
            first >= 0 && first + values.count <= shape.reduce(1, *),
            "'\(name)': \(values.count) values from \(first) on of a tensor \(shape)")
        let start = info.byteRange.lowerBound
        do throws(CheckpointError) {
            switch info.elementType {
            case .f16: try self.convert(at: start + 2 * first, into: &values) { Float(Float16(bitPattern: $0)) }
            case .bf16: try self.convert(at: start + 2 * first, into: &values) { Float(bitPattern: UInt32($0) << 16) }
            default: try self.file.read(at: start + 4 * first, into: &values)
            }
        } catch let cause {
            throw error(.missing, found: "an unreadable file: \(cause.message)")
        }
    }

    /// Reads 16-bit elements and converts them, a chunk at a time so that the halves stay in the cache.
    private func convert(
        at offset: Int, into values: inout MutableSpan<Float>, element: (UInt16) -> Float
    ) throws(CheckpointError) {
        var chunk = [UInt16](repeating: 0, count: min(values.count, 1 << 14))
        var start = 0
        while start < values.count {
            let count = min(chunk.count, values.count - start)
            if count < chunk.count { chunk.removeLast(chunk.count - count) }
            var span = chunk.mutableSpan
            try self.file.read(at: offset + start * 2, into: &span)
            for i in 0..<count { values[start + i] = element(chunk[i]) }
            start += count
        }
    }
}
