import Foundation
import GerundEngine
import GerundStream

/// The demo model that comes with the project, loaded once for all tests.
enum DemoModel {
    static let path =
        URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst()
        + "/Samples/demo-model"

    static let model = Result { try RecognitionModel(path: String(path)) }

    /// Two frames a second, so that a test needs few of them.
    static func plan(rate: Double? = nil) throws -> WindowPlan {
        WindowPlan(frameCount: try self.model.get().frameCount, span: .seconds(2), rate: rate)
    }
}
