import GerundCore
import GerundEngine
import GerundSettings
import GerundStream
import GerundTensor

/// An actor that loads models on a dedicated thread, because reading the weights blocks for seconds.
actor ModelLoader {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe self.executor.asUnownedSerialExecutor() }

    init() throws(ThreadCreationError) {
        self.executor = try ThreadExecutor(name: "model")
    }

    /// Loads the model that settings name, or the demo model.
    ///
    /// - Parameters:
    ///   - settings: The settings of the user.
    ///   - precision: The number format. The default is that of the settings.
    /// - Returns: The model.
    /// - Throws: ``CommandError`` with the line of the setting, if a file gave it.
    static func load(_ settings: Settings, precision: Precision? = nil) async throws -> RecognitionModel {
        try await ModelLoader().load(settings, precision: precision)
    }

    private func load(_ settings: Settings, precision: Precision?) throws -> RecognitionModel {
        guard let path = settings.model ?? DemoModel.path else {
            throw CommandError(
                status: .noModel,
                message: "the demo model is not installed beside the program: name a model directory with --model")
        }
        let precision = precision ?? settings.value(of: SettingsTable.shared.precision).precision
        do {
            return try RecognitionModel(path: path, precision: precision, threads: settings.threads)
        } catch {
            let location = settings.locations[SettingsTable.shared.model.key].map { "\($0): " } ?? ""
            throw CommandError(status: .noModel, message: location + error.summary)
        }
    }
}
