/// A source of a model's weights: a checkpoint file, or a generator in tests and benchmarks.
///
/// A model asks for every tensor that it needs by its checkpoint name and expected shape, and copies the values into
/// its own memory; a tensor that is missing or wrong is an error at load time.
public protocol WeightSource: Sendable {
    /// Returns whether a tensor of that name exists.
    func contains(_ name: String) -> Bool

    /// Copies a part of one tensor, converted to float32, into `values`.
    ///
    /// - Parameters:
    ///   - name: The checkpoint's name, for example `vision_model.encoder.layers.0.self_attn.q_proj.weight`.
    ///   - shape: The expected shape, slowest axis first; `[]` is a scalar.
    ///   - first: The index of the part's first element, row-major.
    ///   - values: Receives as many elements as it has; if it is empty, the tensor is validated only. Undefined after
    ///     an error.
    /// - Throws: ``WeightError`` if the tensor is missing or unreadable, or has another shape or type.
    func read(_ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>) throws(WeightError)
}

extension WeightSource {
    /// Copies a whole tensor, converted to float32, into `values`.
    ///
    /// - Parameters:
    ///   - name: The checkpoint's name.
    ///   - shape: The expected shape, slowest axis first; `[]` is a scalar.
    ///   - values: As many elements as the shape has. Undefined after an error.
    /// - Throws: ``WeightError`` if the tensor is missing or unreadable, or has another shape or type.
    public func read(_ name: String, shape: [Int], into values: inout MutableSpan<Float>) throws(WeightError) {
        precondition(
            values.count == shape.reduce(1, *), "'\(name)': \(values.count) values for a tensor \(shape)")
        try self.read(name, shape: shape, from: 0, into: &values)
    }
}

/// The tensors of another source, validated but not read: a layer that is built from it reports what is wrong with its
/// weights, and computes nothing.
public struct ValidatingWeightSource<Source: WeightSource>: WeightSource {
    let source: Source

    /// Returns whether the other source has a tensor of that name.
    public func contains(_ name: String) -> Bool { self.source.contains(name) }

    /// Validates a tensor and leaves `values` undefined.
    ///
    /// - Parameters:
    ///   - name: The checkpoint's name.
    ///   - shape: The expected shape, slowest axis first.
    ///   - first: Ignored.
    ///   - values: Left as it is.
    /// - Throws: ``WeightError`` if the tensor is missing, or has another shape or type.
    public func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        var empty = MutableSpan<Float>()
        try self.source.read(name, shape: shape, from: first, into: &empty)
    }
}
