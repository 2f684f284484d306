import GerundConfiguration
import GerundEngine

extension ModelOptions {
    /// Says in settings what the command line says.
    ///
    /// - Throws: ``CommandFailure`` for labels that can't be read.
    func put(into settings: inout WatchSettings) throws {
        settings.model = self.model
        settings.precision = self.precision?.rawValue
        settings.threads = self.threads
        settings.labels = self.labels
        settings.background = self.background
        settings.span = self.span
        settings.rate = self.rate
        settings.labelsFile = self.labelFile
        // A pipe gives its labels only once.
        guard let labelFile, FileStamp(path: labelFile) == nil else { return }
        settings.labels += try Self.orNoModel { () throws(ModelError) in try LabelFile.read(path: labelFile) }
        settings.labelsFile = nil
    }

    /// The options as if the command line had said all that settings say.
    func taking(_ settings: WatchSettings) -> ModelOptions {
        var options = self
        options.model = settings.model
        options.precision = settings.precision.flatMap(PrecisionOption.init)
        options.threads = settings.threads
        options.labels = settings.labels
        options.labelFile = settings.labelsFile
        options.background = settings.background
        options.span = settings.span
        options.rate = settings.rate
        return options
    }
}

extension EventOptions {
    func put(into settings: inout WatchSettings) {
        settings.enter = self.enter
        settings.exit = self.exit
        settings.minimumDuration = self.minDuration
        settings.smoothing = self.smoothing
        settings.mergeGap = self.mergeGap
        settings.cooldown = self.cooldown
        settings.overlap = self.overlap ? true : nil
        settings.updates = self.updates
    }

    func taking(_ settings: WatchSettings) -> EventOptions {
        var options = self
        options.enter = settings.enter
        options.exit = settings.exit
        options.minDuration = settings.minimumDuration
        options.smoothing = settings.smoothing
        options.mergeGap = settings.mergeGap
        options.cooldown = settings.cooldown
        options.overlap = settings.overlap ?? false
        options.updates = settings.updates
        return options
    }
}
