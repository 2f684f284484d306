public import GerundTensor

extension SafeTensors: WeightSource {
    /// Returns whether the file has a tensor with that name.
    public func contains(_ name: String) -> Bool { self.info(name) != nil }

    /// Copies a part of a tensor into `values`, converted to `float32`, which represents all values of F16 and BF16
    /// exactly.
    ///
    /// - Parameters:
    ///   - name: The tensor's name.
    ///   - shape: The expected shape, slowest axis first.
    ///   - first: The index of the part's first element, in row-major order.
    ///   - values: The elements to fill.
    /// - Throws: `WeightError` if there is no such tensor, if it has another shape or a type other than F32, F16 and
    ///   BF16, or (code `unreadable`) if the file became unreadable.
    public func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        func error(_ code: WeightError.Code, found: String?, cause: (any Error)? = nil) -> WeightError {
            WeightError(
                code: code, origin: self.path, tensor: name, expected: "float tensor \(shape)", found: found,
                cause: cause)
        }

        guard let info = self.info(name) else { throw error(.missing, found: nil) }
        guard info.shape == shape else { throw error(.wrongShape, found: info.description) }
        guard [.f32, .f16, .bf16].contains(info.elementType) else { throw error(.wrongType, found: info.description) }
        precondition(
            first >= 0 && first + values.count <= shape.reduce(1, *),
            "'\(name)': \(values.count) values from index \(first) of a tensor \(shape)")
        let start = info.byteRange.lowerBound
        do throws(CheckpointError) {
            switch info.elementType {
            case .f16: try self.convert(at: start + 2 * first, into: &values) { Float(Float16(bitPattern: $0)) }
            case .bf16: try self.convert(at: start + 2 * first, into: &values) { Float(bitPattern: UInt32($0) << 16) }
            default: try self.file.read(at: start + 4 * first, into: &values)
            }
        } catch let cause {
            throw error(.unreadable, found: nil, cause: cause)
        }
    }

    /// Reads and converts 16-bit elements, in chunks that fit the cache.
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
