import GerundTensor

/// Two linear layers with an activation between them (HF: `XCLIPMLP`).
struct MLP: Sendable {
    var fc1: Linear
    var fc2: Linear
    let activation: Activation

    /// - Parameter names: What the checkpoint calls the two layers.
    init(
        _ weights: WeightScope<some WeightSource>, size: Int, intermediate: Int, activation: Activation,
        names: (String, String) = ("fc1", "fc2")
    ) throws(WeightError) {
        self.fc1 = try Linear(weights.scoped(names.0), inputs: size, outputs: intermediate)
        self.fc2 = try Linear(weights.scoped(names.1), inputs: intermediate, outputs: size)
        self.activation = activation
    }

    /// Adds the MLP of some rows of `x`, `[rows, size]`, to `out`; `inner` is the second layer's operand, and has these
    /// rows too.
    func accumulate(_ x: Operand, rows: Range<Int>, inner: Operand, into out: consuming MutableMatrixView) {
        self.fc1.apply(to: x, rows: rows, then: .activate(self.activation), into: inner)
        self.fc2.apply(to: inner, rows: rows, then: .accumulate, into: out)
    }
}
