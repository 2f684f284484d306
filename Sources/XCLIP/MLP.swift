import GerundTensor

/// Two linear layers with an activation between them (HF: `XCLIPMLP`).
struct MLP: Sendable {
    /// The first layer, from the width of a token to the intermediate width.
    var fc1: Linear
    /// The second layer, back to the width of a token.
    var fc2: Linear
    /// The activation function between the layers.
    let activation: Activation

    /// Loads the layers.
    ///
    /// - Parameters:
    ///   - weights: The scope of the MLP in the checkpoint.
    ///   - size: The width of a token.
    ///   - intermediate: The width between the layers.
    ///   - activation: The activation function.
    ///   - names: The names of the two layers in the checkpoint.
    /// - Throws: `WeightError` for the first tensor that is missing or of another shape.
    init(
        _ weights: ParameterScope<some WeightSource>, size: Int, intermediate: Int, activation: Activation,
        names: (String, String) = ("fc1", "fc2")
    ) throws(WeightError) {
        self.fc1 = try Linear(weights.scoped(names.0), inputFeatures: size, outputFeatures: intermediate)
        self.fc2 = try Linear(weights.scoped(names.1), inputFeatures: intermediate, outputFeatures: size)
        self.activation = activation
    }

    /// Adds the result of the MLP to a matrix.
    ///
    /// - Parameters:
    ///   - x: The input, `[rows, size]`.
    ///   - rows: The rows of `x` and `inner` to use.
    ///   - inner: The input buffer of the second layer, `[rows, intermediate]`.
    ///   - out: The matrix to add to, `[rows, size]`.
    func accumulate(_ x: LinearInput, rows: Range<Int>, inner: LinearInput, into out: consuming MutableMatrixView) {
        self.fc1.apply(to: x, rows: rows, epilogue: .activate(self.activation), into: inner)
        self.fc2.apply(to: inner, rows: rows, epilogue: .accumulate, into: out)
    }
}
