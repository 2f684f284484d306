/// Where a model's weights come from: a checkpoint file, or a generator in tests and benchmarks.
///
/// A model asks for every tensor it needs by its checkpoint name and expected shape, and copies the values into
/// storage of its own; whatever is wrong with a tensor is thrown at load, never found later.
public protocol WeightSource: Sendable {
    /// Whether a tensor of that name exists.
    func contains(_ name: String) -> Bool

    /// Copies a part of one tensor, converted to float32, into `values`.
    ///
    /// - Parameters:
    ///   - name: The checkpoint's name, for example `vision_model.encoder.layers.0.self_attn.q_proj.weight`.
    ///   - shape: What the model expects, slowest axis first; `[]` is a scalar.
    ///   - first: Where the part begins among all elements, row-major.
    ///   - values: As many elements as are wanted; with none, the tensor is checked alone. Undefined after an error.
    /// - Throws: ``WeightError`` when the tensor is missing or its shape or type is another.
    func read(_ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>) throws(WeightError)
}

extension WeightSource {
    /// Copies a whole tensor; `values` has as many elements as the shape.
    public func read(_ name: String, shape: [Int], into values: inout MutableSpan<Float>) throws(WeightError) {
        precondition(
            values.count == shape.reduce(1, *), "'\(name)': \(values.count) values for a tensor \(shape)")
        try self.read(name, shape: shape, from: 0, into: &values)
    }
}

/// Another source's tensors, checked but not read: a layer that is built of them tells what is wrong with its weights
/// and is good for nothing else.
public struct UnreadWeights<Source: WeightSource>: WeightSource {
    let source: Source

    public func contains(_ name: String) -> Bool { self.source.contains(name) }

    public func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        var nothing = MutableSpan<Float>()
        try self.source.read(name, shape: shape, from: first, into: &nothing)
    }
}

/// Why a tensor could not be used. Switch on ``code``; print the description.
public struct WeightError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        case missing, wrongShape, wrongType
    }

    public var code: Code
    /// The file or generator that was asked, as the user knows it.
    public var origin: String
    /// The tensor's name.
    public var tensor: String
    /// What the model expected, for example `float tensor [768, 768]`.
    public var expected: String
    /// What was found instead; `nil` when there is no such tensor.
    public var found: String?

    public init(code: Code, origin: String, tensor: String, expected: String, found: String?) {
        self.code = code
        self.origin = origin
        self.tensor = tensor
        self.expected = expected
        self.found = found
    }

    public var description: String {
        "\(self.origin): tensor '\(self.tensor)': expected \(self.expected), found \(self.found ?? "no such tensor")"
    }
}
