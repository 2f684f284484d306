import GerundTensor
import Synchronization

/// The text encoder with its projection, in memory only while texts are encoded: a third of a model's weights that a
/// stream needs when it starts and when its labels change.
final class TextModel: Sendable {
    private struct Parts: Sendable {
        let transformer: TextTransformer
        let projection: Linear
    }

    private let read: @Sendable () throws(WeightError) -> Parts
    private let parts: Mutex<Parts?>

    /// Reads the weights at once, so that what is wrong with them is found here.
    init(_ weights: WeightScope<some WeightSource>, _ configuration: Configuration) throws(WeightError) {
        let (text, size) = (configuration.text, configuration.projectionSize)
        self.read = { () throws(WeightError) in
            Parts(
                transformer: try TextTransformer(weights.scoped("text_model"), text),
                projection: try Linear(
                    weights.scoped("text_projection"), inputs: text.encoder.hiddenSize, outputs: size, bias: false))
        }
        self.parts = Mutex(try self.read())
    }

    /// - Returns: `[texts, M]`.
    /// - Throws: When the weights had been released and can't be read again.
    func callAsFunction(_ tokenIDs: [[Int32]], trace: Trace?) throws(WeightError) -> Matrix {
        let parts = try self.parts.withLock { (parts: inout Parts?) throws(WeightError) -> Parts in
            if let parts { return parts }
            let fresh = try self.read()
            parts = fresh
            return fresh
        }
        let pooled = parts.transformer(tokenIDs, trace: trace)
        trace?("text.pooled", pooled.view)
        return Matrix(parts.projection(pooled.view))
    }

    /// Frees the weights until texts are encoded again.
    func release() { self.parts.withLock { $0 = nil } }
}
