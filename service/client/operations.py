"""Every operation of the service as a method.  Written by ``python -m service client``: do not edit."""

import uuid
from collections.abc import Iterator
from typing import Any, Literal

from service.client import types
from service.client.transport import Transport


class Operations(Transport):
    """Operations by their names in the document."""

    def health(self) -> types.Health:
        """进程是否存活 Whether the process is up."""
        found: types.Health = self.send("GET", "/health").content
        return found

    def ready(self) -> types.Health:
        """是否就绪 Whether it is ready to serve."""
        found: types.Health = self.send("GET", "/ready").content
        return found

    def metrics(self) -> Any:
        """指标 Metrics."""
        return self.send("GET", "/metrics").content

    def score(
        self,
        body: types.Application,
        *,
        mapping: str | None = None,
        idempotency_key: str | None = None,
    ) -> types.ScoreAnswer:
        """评分 Score one application."""
        found: types.ScoreAnswer = self.send(
            "POST",
            "/v1/scores",
            query={"mapping": mapping},
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
            body=body,
        ).content
        return found

    def list_keys(self, *, cursor: str | None = None, limit: int | None = None) -> types.KeyPage:
        """密钥列表 List keys."""
        found: types.KeyPage = self.send(
            "GET", "/v1/keys", query={"cursor": cursor, "limit": limit}
        ).content
        return found

    def each_of_list_keys(self, *, limit: int | None = None) -> Iterator[types.KeyAnswer]:
        """密钥列表 List keys: every item, page after page."""
        return self.pages(lambda place: self.list_keys(limit=limit, cursor=place), "items")

    def make_key(self, body: types.KeyWanted) -> types.KeyMade:
        """新建密钥 Make a key."""
        found: types.KeyMade = self.send("POST", "/v1/keys", body=body).content
        return found

    def show_key(self, key_id: str) -> types.KeyAnswer:
        """密钥详情 Show one key."""
        found: types.KeyAnswer = self.send(
            "GET", "/v1/keys/{key_id}", places={"key_id": key_id}
        ).content
        return found

    def rotate_key(self, key_id: str, body: types.Rotation) -> types.KeyRotated:
        """轮换密钥 Rotate a key."""
        found: types.KeyRotated = self.send(
            "POST", "/v1/keys/{key_id}/rotate", places={"key_id": key_id}, body=body
        ).content
        return found

    def revoke_key(self, key_id: str) -> types.KeyAnswer:
        """撤销密钥 Revoke a key."""
        found: types.KeyAnswer = self.send(
            "POST", "/v1/keys/{key_id}/revoke", places={"key_id": key_id}
        ).content
        return found

    def list_tenants(
        self, *, cursor: str | None = None, limit: int | None = None
    ) -> types.TenantPage:
        """机构列表 List institutions."""
        found: types.TenantPage = self.send(
            "GET", "/v1/tenants", query={"cursor": cursor, "limit": limit}
        ).content
        return found

    def each_of_list_tenants(self, *, limit: int | None = None) -> Iterator[types.TenantAnswer]:
        """机构列表 List institutions: every item, page after page."""
        return self.pages(lambda place: self.list_tenants(limit=limit, cursor=place), "items")

    def make_tenant(self, body: types.TenantWanted) -> types.TenantMade:
        """新建机构 Enter an institution."""
        found: types.TenantMade = self.send("POST", "/v1/tenants", body=body).content
        return found

    def list_books(self, *, cursor: str | None = None, limit: int | None = None) -> types.BooksPage:
        """组合列表 List books."""
        found: types.BooksPage = self.send(
            "GET", "/v1/books", query={"cursor": cursor, "limit": limit}
        ).content
        return found

    def each_of_list_books(self, *, limit: int | None = None) -> Iterator[types.BookLine]:
        """组合列表 List books: every item, page after page."""
        return self.pages(lambda place: self.list_books(limit=limit, cursor=place), "items")

    def make_book(self, body: types.NewBook) -> types.BookAnswer:
        """新建组合 Make a book."""
        found: types.BookAnswer = self.send("POST", "/v1/books", body=body).content
        return found

    def show_book(self, book_id: str) -> types.BookAnswer:
        """组合详情 Show a book."""
        found: types.BookAnswer = self.send(
            "GET", "/v1/books/{book_id}", places={"book_id": book_id}
        ).content
        return found

    def delete_book(self, book_id: str) -> None:
        """删除组合 Delete a book."""
        self.send("DELETE", "/v1/books/{book_id}", places={"book_id": book_id})

    def put_table(
        self,
        book_id: str,
        table: str,
        body: bytes,
        form: str = "application/octet-stream",
        *,
        format_: Literal["parquet", "csv", "xlsx"] | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> types.TableAnswer:
        """上传一张表 Upload a table."""
        found: types.TableAnswer = self.send(
            "PUT",
            "/v1/books/{book_id}/tables/{table}",
            places={"book_id": book_id, "table": table},
            query={"format": format_},
            headers={"If-Match": if_match, "If-None-Match": if_none_match},
            body=body,
            form=form,
        ).content
        return found

    def start_job(
        self, book_id: str, body: types.NewJob, *, idempotency_key: str | None = None
    ) -> types.JobAnswer:
        """发起任务 Start a job on a book."""
        found: types.JobAnswer = self.send(
            "POST",
            "/v1/books/{book_id}/jobs",
            places={"book_id": book_id},
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
            body=body,
        ).content
        return found

    def list_jobs(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        state: Literal["queued", "running", "done", "failed", "cancelled"] | None = None,
        kind: Literal["revalue", "pledges", "book", "stress", "ratios", "check"] | None = None,
        book_id: str | None = None,
    ) -> types.JobsPage:
        """任务列表 List jobs."""
        found: types.JobsPage = self.send(
            "GET",
            "/v1/jobs",
            query={
                "cursor": cursor,
                "limit": limit,
                "state": state,
                "kind": kind,
                "book_id": book_id,
            },
        ).content
        return found

    def each_of_list_jobs(
        self,
        *,
        limit: int | None = None,
        state: Literal["queued", "running", "done", "failed", "cancelled"] | None = None,
        kind: Literal["revalue", "pledges", "book", "stress", "ratios", "check"] | None = None,
        book_id: str | None = None,
    ) -> Iterator[types.JobLine]:
        """任务列表 List jobs: every item, page after page."""
        return self.pages(
            lambda place: self.list_jobs(
                limit=limit, state=state, kind=kind, book_id=book_id, cursor=place
            ),
            "items",
        )

    def show_job(self, job_id: str) -> types.JobAnswer:
        """任务进度 Follow a job."""
        found: types.JobAnswer = self.send(
            "GET", "/v1/jobs/{job_id}", places={"job_id": job_id}
        ).content
        return found

    def list_results(self, job_id: str) -> types.ResultsAnswer:
        """结果文件 List the files that a job left."""
        found: types.ResultsAnswer = self.send(
            "GET", "/v1/jobs/{job_id}/results", places={"job_id": job_id}
        ).content
        return found

    def fetch_result(
        self, job_id: str, file: str, *, if_none_match: str | None = None, range_: str | None = None
    ) -> Any:
        """下载结果 Fetch a file that a job left."""
        return self.send(
            "GET",
            "/v1/jobs/{job_id}/results/{file}",
            places={"job_id": job_id, "file": file},
            headers={"If-None-Match": if_none_match, "Range": range_},
        ).content

    def list_rejected(
        self,
        job_id: str,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        if_none_match: str | None = None,
        range_: str | None = None,
        accept: str | None = None,
    ) -> Any:
        """被退回的行 List rejected rows."""
        return self.send(
            "GET",
            "/v1/jobs/{job_id}/rejected",
            places={"job_id": job_id},
            query={"cursor": cursor, "limit": limit},
            headers={"If-None-Match": if_none_match, "Range": range_, "Accept": accept},
        ).content

    def each_of_list_rejected(
        self, job_id: str, *, limit: int | None = None
    ) -> Iterator[types.RejectedRow]:
        """被退回的行 List rejected rows: every item, page after page."""
        return self.pages(
            lambda place: self.list_rejected(job_id, limit=limit, cursor=place), "items"
        )

    def cancel_job(self, job_id: str) -> types.JobAnswer:
        """取消任务 Cancel a job."""
        found: types.JobAnswer = self.send(
            "POST", "/v1/jobs/{job_id}/cancel", places={"job_id": job_id}
        ).content
        return found

    def score_batch(
        self,
        body: types.Applications,
        *,
        mapping: str | None = None,
        idempotency_key: str | None = None,
    ) -> types.BatchAnswer:
        """批量评分 Score many applications."""
        found: types.BatchAnswer = self.send(
            "POST",
            "/v1/scores/batch",
            query={"mapping": mapping},
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
            body=body,
        ).content
        return found

    def review_queue(
        self,
        *,
        why: Literal["requested", "waiting", "referred", "sampled"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        if_none_match: str | None = None,
    ) -> types.DecisionsPage:
        """待复核清单 Decisions that wait for a person."""
        found: types.DecisionsPage = self.send(
            "GET",
            "/v1/decisions/review-queue",
            query={"why": why, "cursor": cursor, "limit": limit},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def each_of_review_queue(
        self,
        *,
        why: Literal["requested", "waiting", "referred", "sampled"] | None = None,
        limit: int | None = None,
    ) -> Iterator[types.DecisionLine]:
        """待复核清单 Decisions that wait for a person: every item, page after page."""
        return self.pages(
            lambda place: self.review_queue(why=why, limit=limit, cursor=place), "items"
        )

    def review_statistics(
        self, *, from_: str | None = None, to: str | None = None
    ) -> types.StatisticsAnswer:
        """改判统计 How often people decided otherwise."""
        found: types.StatisticsAnswer = self.send(
            "GET", "/v1/decisions/review-statistics", query={"from": from_, "to": to}
        ).content
        return found

    def list_reviews(self, decision_id: str) -> types.ReviewsAnswer:
        """复核记录 Reviews of a decision."""
        found: types.ReviewsAnswer = self.send(
            "GET", "/v1/decisions/{decision_id}/reviews", places={"decision_id": decision_id}
        ).content
        return found

    def add_review(self, decision_id: str, body: types.NewReview) -> types.ReviewAnswer:
        """复核与改判 Review or override a decision."""
        found: types.ReviewAnswer = self.send(
            "POST",
            "/v1/decisions/{decision_id}/reviews",
            places={"decision_id": decision_id},
            body=body,
        ).content
        return found

    def approve_review(
        self, decision_id: str, review_id: str, body: types.Approval
    ) -> types.ReviewAnswer:
        """双人复核 Agree with an override, or refuse it."""
        found: types.ReviewAnswer = self.send(
            "POST",
            "/v1/decisions/{decision_id}/reviews/{review_id}/approval",
            places={"decision_id": decision_id, "review_id": review_id},
            body=body,
        ).content
        return found

    def request_review(self, decision_id: str, body: types.ReviewRequest) -> types.ReviewAnswer:
        """申请人要求人工复核 Note that the borrower asks for a person."""
        found: types.ReviewAnswer = self.send(
            "POST",
            "/v1/decisions/{decision_id}/review-request",
            places={"decision_id": decision_id},
            body=body,
        ).content
        return found

    def list_decisions(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
        decision: Literal["accept", "refer", "decline"] | None = None,
        application_no: str | None = None,
        reason: str | None = None,
        valued_from: str | None = None,
        valued_to: str | None = None,
        made_from: str | None = None,
        made_before: str | None = None,
        reviewed: bool | None = None,
        if_none_match: str | None = None,
    ) -> types.DecisionsPage:
        """决定清单 List decisions."""
        found: types.DecisionsPage = self.send(
            "GET",
            "/v1/decisions",
            query={
                "cursor": cursor,
                "limit": limit,
                "decision": decision,
                "application_no": application_no,
                "reason": reason,
                "valued_from": valued_from,
                "valued_to": valued_to,
                "made_from": made_from,
                "made_before": made_before,
                "reviewed": reviewed,
            },
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def each_of_list_decisions(
        self,
        *,
        limit: int | None = None,
        decision: Literal["accept", "refer", "decline"] | None = None,
        application_no: str | None = None,
        reason: str | None = None,
        valued_from: str | None = None,
        valued_to: str | None = None,
        made_from: str | None = None,
        made_before: str | None = None,
        reviewed: bool | None = None,
    ) -> Iterator[types.DecisionLine]:
        """决定清单 List decisions: every item, page after page."""
        return self.pages(
            lambda place: self.list_decisions(
                limit=limit,
                decision=decision,
                application_no=application_no,
                reason=reason,
                valued_from=valued_from,
                valued_to=valued_to,
                made_from=made_from,
                made_before=made_before,
                reviewed=reviewed,
                cursor=place,
            ),
            "items",
        )

    def search_decisions(self, body: types.DecisionSearch) -> types.DecisionsPage:
        """查找决定 Search decisions."""
        found: types.DecisionsPage = self.send("POST", "/v1/decisions/search", body=body).content
        return found

    def show_decision(
        self, decision_id: str, *, if_none_match: str | None = None
    ) -> types.DecisionAnswer:
        """一项决定 Show a decision."""
        found: types.DecisionAnswer = self.send(
            "GET",
            "/v1/decisions/{decision_id}",
            places={"decision_id": decision_id},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def show_answer(
        self, decision_id: str, *, if_none_match: str | None = None
    ) -> types.ScoreAnswer:
        """原答复 The bytes that were answered."""
        found: types.ScoreAnswer = self.send(
            "GET",
            "/v1/decisions/{decision_id}/answer",
            places={"decision_id": decision_id},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def explain_decision(
        self,
        decision_id: str,
        *,
        audience: Literal["officer", "borrower"] | None = None,
        if_none_match: str | None = None,
        accept: str | None = None,
    ) -> Any:
        """决定说明 Explain a decision."""
        return self.send(
            "GET",
            "/v1/decisions/{decision_id}/explanation",
            places={"decision_id": decision_id},
            query={"audience": audience},
            headers={"If-None-Match": if_none_match, "Accept": accept},
        ).content

    def replay_decision(self, decision_id: str) -> types.ReplayAnswer:
        """重放 Make a decision again."""
        found: types.ReplayAnswer = self.send(
            "POST", "/v1/decisions/{decision_id}/replay", places={"decision_id": decision_id}
        ).content
        return found

    def set_case_state(
        self, decision_id: str, body: types.CaseState, *, mapping: str | None = None
    ) -> types.CaseStateAnswer:
        """业务状态 Move the case to another state."""
        found: types.CaseStateAnswer = self.send(
            "PUT",
            "/v1/decisions/{decision_id}/state",
            places={"decision_id": decision_id},
            query={"mapping": mapping},
            body=body,
        ).content
        return found

    def tell_outcome(self, decision_id: str, body: types.LoanOutcome) -> types.OutcomeAnswer:
        """后续结果 Tell what became of the loan."""
        found: types.OutcomeAnswer = self.send(
            "POST",
            "/v1/decisions/{decision_id}/outcome",
            places={"decision_id": decision_id},
            body=body,
        ).content
        return found

    def value_rights(self, body: types.ValuationRequest) -> types.ValuationAnswer:
        """估值 Value rights."""
        found: types.ValuationAnswer = self.send("POST", "/v1/valuations", body=body).content
        return found

    def list_right_tables(self, *, if_none_match: str | None = None) -> list[types.TableLine]:
        """权利种类 Kinds of right."""
        found: list[types.TableLine] = self.send(
            "GET", "/v1/tables", headers={"If-None-Match": if_none_match}
        ).content
        return found

    def show_right_table(self, table: str, *, if_none_match: str | None = None) -> dict[str, Any]:
        """权利事实的格式 Columns of one kind of right."""
        found: dict[str, Any] = self.send(
            "GET",
            "/v1/tables/{table}",
            places={"table": table},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def list_rules(
        self,
        *,
        day: str | None = None,
        region: str | None = None,
        right: Literal[
            "",
            "application",
            "construction",
            "ecology",
            "equity",
            "forest",
            "guarantee",
            "homestead",
            "institution",
            "insurance",
            "land",
            "loan",
        ]
        | None = None,
        if_none_match: str | None = None,
    ) -> types.RulesAnswer:
        """现行规则 Rules in force."""
        found: types.RulesAnswer = self.send(
            "GET",
            "/v1/rules",
            query={"day": day, "region": region, "right": right},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def compare_rules(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        region: str | None = None,
        if_none_match: str | None = None,
    ) -> types.RuleChangesAnswer:
        """规则变化 What differs between the rules of two days."""
        found: types.RuleChangesAnswer = self.send(
            "GET",
            "/v1/rules/changes",
            query={"from": from_, "to": to, "region": region},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def show_overlay(self, *, if_none_match: str | None = None) -> types.OverlayAnswer:
        """机构规则 The institution's own rules."""
        found: types.OverlayAnswer = self.send(
            "GET", "/v1/rules/overlay", headers={"If-None-Match": if_none_match}
        ).content
        return found

    def put_overlay(
        self,
        body: types.Overlay,
        *,
        check: bool | None = None,
        last: int | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> types.OverlayAnswer | types.TrialAnswer:
        """设定机构规则 Put the institution's own rules in force."""
        found: types.OverlayAnswer | types.TrialAnswer = self.send(
            "PUT",
            "/v1/rules/overlay",
            query={"check": check, "last": last},
            headers={"If-Match": if_match, "If-None-Match": if_none_match},
            body=body,
        ).content
        return found

    def list_overlays(self) -> types.OverlayHistory:
        """机构规则沿革 Every overlay that was put in force."""
        found: types.OverlayHistory = self.send("GET", "/v1/rules/overlay/history").content
        return found

    def show_overlay_version(
        self, digest: str, *, if_none_match: str | None = None
    ) -> types.OverlayVersion:
        """某一版机构规则 One version of the overlay."""
        found: types.OverlayVersion = self.send(
            "GET",
            "/v1/rules/overlay/history/{digest}",
            places={"digest": digest},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def show_rule(
        self, name: str, *, region: str | None = None, if_none_match: str | None = None
    ) -> types.RuleAnswer:
        """规则沿革 One rule."""
        found: types.RuleAnswer = self.send(
            "GET",
            "/v1/rules/{name}",
            places={"name": name},
            query={"region": region},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def list_models(self, *, if_none_match: str | None = None) -> types.ModelsAnswer:
        """模型一览 List models."""
        found: types.ModelsAnswer = self.send(
            "GET", "/v1/models", headers={"If-None-Match": if_none_match}
        ).content
        return found

    def show_model_card(
        self,
        name: str,
        *,
        version: str | None = None,
        if_none_match: str | None = None,
        accept: str | None = None,
    ) -> Any:
        """模型卡 Card of a release."""
        return self.send(
            "GET",
            "/v1/models/{name}/card",
            places={"name": name},
            query={"version": version},
            headers={"If-None-Match": if_none_match, "Accept": accept},
        ).content

    def shadow_report(
        self, name: str, *, from_: str | None = None, to: str | None = None
    ) -> types.ShadowAnswer:
        """影子评分报告 Compare the challenger with the champion."""
        found: types.ShadowAnswer = self.send(
            "GET",
            "/v1/models/{name}/shadow",
            places={"name": name},
            query={"from": from_, "to": to},
        ).content
        return found

    def model_drift(self, name: str, *, last: int | None = None) -> types.DriftAnswer:
        """特征与评分漂移 How far applications are from training."""
        found: types.DriftAnswer = self.send(
            "GET", "/v1/models/{name}/drift", places={"name": name}, query={"last": last}
        ).content
        return found

    def promote_model(self, name: str, body: types.Promotion) -> types.MovedModel:
        """晋级 Move a release to another stage."""
        found: types.MovedModel = self.send(
            "POST", "/v1/models/{name}/promote", places={"name": name}, body=body
        ).content
        return found

    def rollback_model(self, name: str, body: types.Rollback) -> types.MovedModel:
        """退回 Go back to the champion before."""
        found: types.MovedModel = self.send(
            "POST", "/v1/models/{name}/rollback", places={"name": name}, body=body
        ).content
        return found

    def list_mappings(self) -> types.MappingsAnswer:
        """对照表列表 List mappings."""
        found: types.MappingsAnswer = self.send("GET", "/v1/mappings").content
        return found

    def show_vocabulary(self) -> types.VocabularyAnswer:
        """引擎的词与状态 The engine's words."""
        found: types.VocabularyAnswer = self.send("GET", "/v1/mappings/vocabulary").content
        return found

    def check_mapping(self, body: types.Mapping) -> types.CheckAnswer:
        """检查对照表 Check a mapping."""
        found: types.CheckAnswer = self.send("POST", "/v1/mappings/check", body=body).content
        return found

    def show_mapping(self, name: str, *, if_none_match: str | None = None) -> types.MappingAnswer:
        """查看对照表 Show a mapping."""
        found: types.MappingAnswer = self.send(
            "GET",
            "/v1/mappings/{name}",
            places={"name": name},
            headers={"If-None-Match": if_none_match},
        ).content
        return found

    def put_mapping(
        self,
        name: str,
        body: types.Mapping,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> types.MappingAnswer:
        """设定对照表 Put a mapping in force."""
        found: types.MappingAnswer = self.send(
            "PUT",
            "/v1/mappings/{name}",
            places={"name": name},
            headers={"If-Match": if_match, "If-None-Match": if_none_match},
            body=body,
        ).content
        return found

    def translate_record(self, name: str, body: types.Translation) -> types.TranslationAnswer:
        """翻译一条记录 Translate a record."""
        found: types.TranslationAnswer = self.send(
            "POST", "/v1/mappings/{name}/translate", places={"name": name}, body=body
        ).content
        return found

    def check_history(self, name: str, body: types.History) -> types.HistoryAnswer:
        """检查状态沿革 Check the history of a case."""
        found: types.HistoryAnswer = self.send(
            "POST", "/v1/mappings/{name}/history", places={"name": name}, body=body
        ).content
        return found

    def export(
        self,
        kind: str,
        *,
        job_id: str | None = None,
        mapping: str | None = None,
        format_: Literal["csv", "csv-gb18030", "xlsx", "json"] | None = None,
        valued_from: str | None = None,
        valued_until: str | None = None,
        decision: Literal["accept", "refer", "decline"] | None = None,
        show_identifiers_because: str | None = None,
        accept: str | None = None,
    ) -> Any:
        """报送表 Export a filing."""
        return self.send(
            "GET",
            "/v1/exports/{kind}",
            places={"kind": kind},
            query={
                "job_id": job_id,
                "mapping": mapping,
                "format": format_,
                "valued_from": valued_from,
                "valued_until": valued_until,
                "decision": decision,
                "show_identifiers_because": show_identifiers_because,
            },
            headers={"Accept": accept},
        ).content
