public import GerundTensor

/// Weights computed from a formula: a model of any size for tests and benchmarks, without a file.
///
/// Each value depends only on its tensor's name and its index, and is computed in integers up to one exact conversion,
/// so that `Tests/Oracle/synthetic.py` yields the same bits. The scale of a tensor follows its kind, so that
/// activations have the magnitude that they have in a trained model.
public struct SyntheticWeights: WeightSource {
    /// The seed of the values.
    ///
    /// Different seeds give independent models.
    public let seed: UInt64

    /// Creates the weights of a seed.
    ///
    /// - Parameter seed: The seed of the values. The default is 0.
    public init(seed: UInt64 = 0) {
        self.seed = seed
    }

    /// Returns `true`: every tensor exists, in the requested shape.
    public func contains(_ name: String) -> Bool { true }

    /// Computes a part of one tensor.
    ///
    /// - Parameters:
    ///   - name: The name of the tensor in the checkpoint, which determines its values.
    ///   - shape: The shape of the tensor, slowest axis first.
    ///   - first: The index of the first element to compute, in row-major order.
    ///   - values: Receives the elements.
    /// - Throws: Nothing.
    public func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        let generator = SyntheticValues(name: name, seed: self.seed)
        let (offset, scale) = Self.distribution(of: name, shape: shape)
        for index in 0..<values.count { values[index] = offset + scale * generator[first + index] }
    }

    /// Returns the mean and the maximum deviation of a tensor's values, which are uniformly distributed.
    ///
    /// - Parameters:
    ///   - name: The name of the tensor in the checkpoint.
    ///   - shape: The shape of the tensor.
    /// - Returns: The mean, and the maximum deviation from it.
    static func distribution(of name: String, shape: [Int]) -> (offset: Float, scale: Float) {
        let parts = name.split(separator: ".")
        let (last, owner) = (parts.last ?? "", parts.dropLast().last ?? "")
        let isNorm = owner.contains("norm") || owner == "message_ln"
        switch last {
        case "logit_scale": return (4.6052, 0)  // ln 100, where training of CLIP models ends
        case "alpha": return (0.1, 0.02)
        case "class_embedding", "position_embedding": return (0, 0.1)
        case "weight" where owner == "token_embedding" || owner == "position_embedding": return (0, 0.1)
        case "weight" where isNorm: return (1, 0.1)
        case "bias": return (0, isNorm ? 0.05 : 0.02)
        default:
            // A matrix: inputs of unit variance give outputs of unit variance. The variance of the uniform distribution
            // over -1...1 is 1/3. `prompts_visual_projection` is stored [inputs, outputs], all others
            // [outputs, inputs...].
            let inputs = last == "prompts_visual_projection" ? shape[0] : shape.dropFirst().reduce(1, *)
            return (0, Float((3 / Double(inputs)).squareRoot()))
        }
    }
}
