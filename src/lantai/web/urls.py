"""The addresses of the screens."""

from django.urls import path

from lantai.web.views import administration, arrange, desk, intake, record, search, session

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("formats/", desk.formats, name="formats"),
    path("jobs/", desk.jobs, name="jobs"),
    path("jobs/pill/", desk.jobs_pill, name="jobs-pill"),
    path("login", session.login, name="login"),
    path("login/again", session.login_again, name="login-again"),
    path("logout", session.logout, name="logout"),
    path("password", session.password, name="password"),
    path("theme", session.theme, name="theme"),
    path("intake/", intake.intake, name="intake"),
    path("intake/upload", intake.upload, name="upload"),
    path("intake/<str:batch_id>/", intake.batch, name="batch"),
    path("intake/<str:batch_id>/accept", intake.accept, name="accept"),
    path("intake/<str:batch_id>/answer", intake.answer, name="answer"),
    path("intake/<str:batch_id>/return", intake.give_back, name="give-back"),
    path("intake/<str:batch_id>/return/dialog", intake.return_dialog, name="return-dialog"),
    path("intake/<str:batch_id>/report.json", intake.report_file, name="report-file"),
    path("intake/<str:batch_id>/report/", intake.report_page, name="report-page"),
    path("arrange/", arrange.arrange, name="arrange"),
    path("arrange/revise/<str:record_id>", arrange.revise, name="revise"),
    path("arrange/bulk", arrange.bulk, name="bulk"),
    path("arrange/bulk/<str:act>", arrange.bulk_dialog, name="bulk-dialog"),
    path("arrange/order", arrange.reorder, name="reorder"),
    path("arrange/fix", arrange.fix, name="fix"),
    path("arrange/fix/dialog", arrange.fix_dialog, name="fix-dialog"),
    path("search/", search.search, name="search"),
    path("records/<str:key>/", record.record, name="record"),
    path("records/<str:key>/verify", record.verify, name="verify"),
    path("records/<str:key>/files/<str:file_id>", record.download, name="download"),
    path("records/<str:key>/files/<str:file_id>/<int:page>.png", record.page_image, name="page-image"),
    path("accounts/", administration.accounts, name="accounts"),
    path("system/", administration.system, name="system"),
    path("quarantine/", administration.quarantine, name="quarantine"),
    path("quarantine/<str:item_id>", administration.decide, name="decide"),
    path("audit/", administration.audit, name="audit"),
]
