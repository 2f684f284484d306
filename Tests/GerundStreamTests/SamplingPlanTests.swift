import GerundCore
import GerundStream
import Testing

@Suite("SamplingPlan")
struct SamplingPlanTests {
    @Test("Emits a window per sample without a window rate")
    func defaultRate() throws {
        let plan = try SamplingPlan(frameCount: 8, windowDuration: .seconds(8))
        #expect((plan.samplingInterval, plan.interleaving, plan.hop) == (.seconds(1), 1, 1))
        #expect((plan.frameInterval, plan.windowExtent, plan.windowRate) == (.seconds(1), .seconds(7), 1))
        #expect(plan.frameCapacity == 9)
    }

    @Test("Interleaves four windows for 8 s and a rate of 4")
    func interleaved() throws {
        let plan = try SamplingPlan(frameCount: 8, windowDuration: .seconds(8), windowRate: 4)
        #expect((plan.samplingInterval, plan.interleaving, plan.hop) == (.milliseconds(250), 4, 1))
        #expect((plan.frameInterval, plan.windowExtent, plan.windowRate) == (.seconds(1), .seconds(7), 4))
        #expect(plan.frameCapacity == 30)
    }

    @Test("Skips samples for a rate below one window per frame interval")
    func hop() throws {
        let plan = try SamplingPlan(frameCount: 8, windowDuration: .seconds(2), windowRate: 0.5)
        #expect((plan.samplingInterval, plan.interleaving, plan.hop) == (.milliseconds(250), 1, 8))
        #expect(plan.windowRate == 0.5)
    }

    @Test(
        "Rounds a rate to one that the frame interval allows",
        arguments: [
            (4.0, 4.0), (5.0, 4.0), (7.0, 8.0), (10.0, 12.0), (12.0, 12.0), (3.0, 4.0), (2.9, 4.0), (2.0, 2.0),
            (1.5, 4.0 / 3.0), (0.3, 4.0 / 13.0),
        ])
    func rounding(rate: Double, rounded: Double) throws {
        let plan = try SamplingPlan(frameCount: 8, windowDuration: .seconds(2), windowRate: rate)
        #expect(abs(plan.windowRate - rounded) < 1e-9)
        #expect(plan.interleaving == 1 || plan.hop == 1)
        let difference = plan.frameInterval - .milliseconds(250)
        #expect(difference <= .zero && difference > .nanoseconds(-1))
    }

    @Test(
        "Keeps the window duration to a nanosecond for any frame count and rate", arguments: [8, 16, 32],
        [0.1, 1, 2.5, 8, 61, 3600])
    func windowDuration(frameCount: Int, seconds: Double) throws {
        for rate in [nil, 0.01, 0.7, 1, 3, 10, 59.94] {
            let plan = try SamplingPlan(frameCount: frameCount, windowSeconds: seconds, windowRate: rate)
            let difference = plan.frameInterval * frameCount - plan.windowDuration
            #expect(difference <= .nanoseconds(1) && difference >= .nanoseconds(-1))
            #expect(plan.interleaving >= 1 && plan.hop >= 1 && plan.samplingInterval > .zero)
        }
    }

    @Test(
        "Throws for a window that is too short for its frames, too long, or not a number",
        arguments: [
            (8, 0.001), (8, 0.0079), (101, 0.1), (256, 0.1), (8, 0), (8, -1), (8, -.infinity), (8, .infinity),
            (8, .nan), (8, 1e300), (8, 86_401), (8, 1e-9), (1, 1e19),
        ])
    func invalidDuration(frameCount: Int, seconds: Double) {
        let error = #expect(throws: SamplingPlanError.self) {
            try SamplingPlan(frameCount: frameCount, windowSeconds: seconds)
        }
        #expect(error?.code == .invalidWindowDuration)
        #expect(error?.message.contains("\(seconds) s") == true)
        #expect(error?.description.hasPrefix("invalidWindowDuration: ") == true)
    }

    @Test("Throws for a window that is too short for a Duration")
    func smallestDuration() {
        let error = #expect(throws: SamplingPlanError.self) {
            try SamplingPlan(frameCount: 1, windowSeconds: .leastNonzeroMagnitude)
        }
        #expect(error?.code == .invalidWindowDuration)
    }

    @Test("Accepts the shortest and the longest window")
    func durationLimits() throws {
        let short = try SamplingPlan(frameCount: 8, windowDuration: .milliseconds(8))
        #expect(short.frameInterval == .milliseconds(1))
        let long = try SamplingPlan(frameCount: 8, windowDuration: .seconds(86_400), windowRate: 1000)
        #expect(long.interleaving == 10_800_000)
    }

    @Test("Throws for a frame count out of range", arguments: [0, -1, .min, .max, 10_001])
    func invalidFrameCount(frameCount: Int) {
        let error = #expect(throws: SamplingPlanError.self) {
            try SamplingPlan(frameCount: frameCount, windowDuration: .seconds(8))
        }
        #expect(error?.code == .invalidFrameCount)
    }

    @Test("Throws for a window rate out of range", arguments: [0, -1, 1000.1, .nan, .infinity, -.infinity, 1e300])
    func invalidRate(rate: Double) {
        let error = #expect(throws: SamplingPlanError.self) {
            try SamplingPlan(frameCount: 8, windowDuration: .seconds(8), windowRate: rate)
        }
        #expect(error?.code == .invalidWindowRate)
    }

    @Test("Accepts the smallest window rate", arguments: [Double.leastNonzeroMagnitude, 1e-300, 1e-9])
    func smallestRate(rate: Double) throws {
        let plan = try SamplingPlan(frameCount: 8, windowDuration: .seconds(8), windowRate: rate)
        #expect(plan.interleaving == 1 && plan.hop == 1_000_000_000 && plan.windowRate > 0)
    }
}
