// The table of contents of the context.

public import GRPCCore
public import Runtime

public enum NoticesContext {
  /// Loads `config/notices`, or another directory of templates.
  ///
  /// - Throws: `BadTemplate` with the file and the reason.
  public static func templates(in directory: String) throws(BadTemplate) -> NoticeTemplates {
    try NoticeTemplates(in: directory)
  }

  public static func context(templates: NoticeTemplates) -> Context {
    Context(
      name: "notices", tables: [NoticesTables.notices], aggregates: [AnyAggregate(Notice.self)],
      subscriptions: NoticesReactions(templates: templates).subscriptions)
  }

  public static func services(engine: Engine, templates: NoticeTemplates) -> [any RegistrableRPCService] {
    [NoticesService(engine: engine, templates: templates)]
  }
}
