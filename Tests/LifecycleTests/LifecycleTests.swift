import Testing

@Suite struct LifecycleTests {}
