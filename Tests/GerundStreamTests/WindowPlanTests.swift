import GerundStream
import Testing

@Suite("A window plan")
struct WindowPlanTests {
    @Test("makes a window of every sampled frame without a rate")
    func usual() {
        let plan = WindowPlan(frameCount: 8, span: .seconds(8))
        #expect((plan.period, plan.phases, plan.stride) == (.seconds(1), 1, 1))
        #expect((plan.spacing, plan.windowLength, plan.rate) == (.seconds(1), .seconds(7), 1))
    }

    @Test("interleaves four phases for a span of 8 s and a rate of 4")
    func interleaved() {
        let plan = WindowPlan(frameCount: 8, span: .seconds(8), rate: 4)
        #expect((plan.period, plan.phases, plan.stride) == (.milliseconds(250), 4, 1))
        #expect((plan.spacing, plan.windowLength, plan.rate) == (.seconds(1), .seconds(7), 4))
    }

    @Test("skips frames for a rate below one window a frame")
    func strided() {
        let plan = WindowPlan(frameCount: 8, span: .seconds(2), rate: 0.5)
        #expect((plan.period, plan.phases, plan.stride) == (.milliseconds(250), 1, 8))
        #expect(plan.rate == 0.5)
    }

    @Test(
        "rounds a rate to what the frames allow, and says which",
        arguments: [
            (4.0, 4.0), (5.0, 4.0), (7.0, 8.0), (10.0, 12.0), (12.0, 12.0), (3.0, 4.0), (2.9, 4.0), (2.0, 2.0),
            (1.5, 4.0 / 3.0), (0.3, 4.0 / 13.0),
        ])
    func rounding(rate: Double, rounded: Double) {
        let plan = WindowPlan(frameCount: 8, span: .seconds(2), rate: rate)
        #expect(abs(plan.rate - rounded) < 1e-9)
        #expect(plan.phases == 1 || plan.stride == 1)
        let difference = plan.spacing - .milliseconds(250)
        #expect(difference <= .zero && difference > .nanoseconds(-1))
    }

    @Test(
        "keeps the span within a nanosecond for any frames and rate", arguments: [8, 16, 32],
        [0.1, 1, 2.5, 8, 61, 3600])
    func span(frameCount: Int, seconds: Double) {
        for rate in [nil, 0.01, 0.7, 1, 3, 10, 59.94] {
            let plan = WindowPlan(frameCount: frameCount, span: .seconds(seconds), rate: rate)
            let difference = plan.spacing * frameCount - plan.span
            #expect(difference <= .nanoseconds(1) && difference >= .nanoseconds(-1))
            #expect(plan.phases >= 1 && plan.stride >= 1 && plan.period > .zero)
        }
    }
}
