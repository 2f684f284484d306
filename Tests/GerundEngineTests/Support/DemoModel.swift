import Foundation
import GerundEngine
import GerundStream

/// The demo model that comes with the project, loaded once for all tests.
enum DemoModel {
    static let path =
        URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        + "/Samples/demo-model"

    static let model = Result { try RecognitionModel(path: String(path)) }

    /// Returns a plan with windows of 2 s, so that a test needs few frames: at the default rate, 4 per second.
    static func plan(rate: Double? = nil) throws -> SamplingPlan {
        try SamplingPlan(frameCount: self.model.get().frameCount, windowDuration: .seconds(2), windowRate: rate)
    }
}
