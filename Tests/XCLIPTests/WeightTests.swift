import GerundCheckpoint
import GerundCore
import GerundTensor
import Testing
import XCLIP

/// The tensors of a small model, one of which is missing or of another shape.
private struct DamagedWeights: WeightSource {
    let file: SafeTensors
    let damaged: String
    let shape: [Int]?

    func contains(_ name: String) -> Bool { name != self.damaged && self.file.contains(name) }

    func read(
        _ name: String, shape: [Int], from first: Int, into values: inout MutableSpan<Float>
    ) throws(WeightError) {
        guard name == self.damaged else {
            return try self.file.read(name, shape: shape, from: first, into: &values)
        }
        throw WeightError(
            code: self.shape == nil ? .missing : .wrongShape, origin: "damaged", tensor: name,
            expected: "float tensor \(shape)", found: self.shape.map { "float tensor \($0)" })
    }
}

@Suite("XCLIPModel's weights")
struct WeightTests {
    @Test("Requires every tensor by its name and shape, and reports a missing one")
    func everyTensorIsNeeded() throws {
        let fixture = try Fixture("tiny")
        let (file, configuration) = (try fixture.weights(), try fixture.configuration())
        for name in file.names {
            let shape = try #require(file.shape(name))
            let weights = DamagedWeights(file: file, damaged: name, shape: nil)
            let error = try #require(throws: WeightError.self) {
                try XCLIPModel(weights: weights, configuration: configuration)
            }
            #expect(error.code == .missing && error.tensor == name, "\(error)")
            let message = "damaged: tensor '\(name)': expected float tensor \(shape), found no such tensor"
            #expect(error.summary == message)
        }
    }

    @Test("Reports both shapes of a tensor of another shape")
    func wrongShape() throws {
        let fixture = try Fixture("tiny")
        let name = "vision_model.encoder.layers.1.mlp.fc1.weight"
        let weights = DamagedWeights(file: try fixture.weights(), damaged: name, shape: [72, 31])
        let error = try #require(throws: WeightError.self) {
            try XCLIPModel(weights: weights, configuration: fixture.configuration())
        }
        #expect(error.code == .wrongShape)
        let message = "damaged: tensor '\(name)': expected float tensor [72, 32], found float tensor [72, 31]"
        #expect(error.summary == message)
    }

    @Test("Refuses a checkpoint of other sizes than its configuration at the first tensor that differs")
    func otherConfiguration() throws {
        let weights = try Fixture("other").weights()
        let error = try #require(throws: WeightError.self) {
            try XCLIPModel(weights: weights, configuration: Fixture("tiny").configuration())
        }
        #expect(error.code == .wrongShape)
    }

    @Test(
        "Generates weights of the magnitude of their kind", arguments: ["a.bias", "a.layer_norm1.weight", "a.weight"])
    func generated(name: String) throws {
        var values = [Float](repeating: .nan, count: 4096)
        var span = values.mutableSpan
        try SyntheticWeights().read(name, shape: [32, 128], into: &span)
        let mean = values.reduce(0, +) / 4096
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4096).squareRoot()
        let (expectedMean, scale): (Float, Float) =
            switch name {
            case "a.bias": (0, 0.02)
            case "a.layer_norm1.weight": (1, 0.1)
            default: (0, (3 / Float(128)).squareRoot())
            }
        #expect(abs(mean - expectedMean) < 0.05 * scale)
        #expect(abs(deviation - scale / Float(3).squareRoot()) < 0.02 * scale)
    }
}
