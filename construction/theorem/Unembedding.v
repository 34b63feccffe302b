(** The read-out (unembed in base_network.py; docs/proof.md, lemma 13 in exact arithmetic): what the logits of tokens are, for any
    residual stream that tells the situation and what is decided. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Rules Decide.
Import ListNotations.
Open Scope Q_scope.

Lemma in_words {X} (alphabet : list X) w n : length w = n -> Forall (fun x => In x alphabet) w -> In w (words alphabet n).
Proof.
  revert n. induction w as [|a w IH]; intros n <- H; cbn [length words]; [now left|].
  inversion H; subst. apply in_flat_map. exists a. split; auto. apply in_map. now apply IH.
Qed.

Section Unembedding.
  Context {nQ nS k : nat} {cd : code} {g : Q}.
  Hypothesis g_large : 1 <= g.
  Notation valid := (valid nQ nS k).
  Notation valid_action := (valid_action nQ nS k).

  (** ** Actions and their fields *)
  Lemma fields_determine a' a : valid_action a' -> valid_action a ->
    (forall f, In f (fields cd a') -> has_field cd f a = true) -> a' = a.
  Proof.
    intros (_ & Lw' & _ & Lm') (_ & Lw & _ & Lm) H. unfold has_field in H.
    assert (H' : forall f, In f (fields cd a') -> In f (fields cd a)).
    { intros f I. specialize (H f I). destruct (in_dec field_dec f (fields cd a)); auto. discriminate. } clear H.
    destruct cd; cbn [fields] in H'.
    - destruct (H' (FAction a') (or_introl eq_refl)) as [E|[]]. congruence.
    - destruct a' as [n' w' m'], a as [n w m]; cbn [next writes moves] in *.
      assert (E1 : n' = n).
      { specialize (H' (FNext n') (or_introl eq_refl)). unfold parts in H'. cbn [In next] in H'. rewrite in_app_iff, !in_map_iff in H'.
        destruct H' as [E|[(p & E & _)|(p & E & _)]]; congruence. }
      assert (E2 : w' = w).
      { apply (nth_ext _ _ 0%nat 0%nat); [congruence|]. intros i Hi.
        assert (I : In (FWrite i (nth i w' 0%nat)) (parts (Action n' w' m'))).
        { unfold parts. right. apply in_or_app; left. apply in_map_iff. exists (i, nth i w' 0%nat). split; [reflexivity|].
          cbn [writes]. now apply (in_indexed w' i _ 0%nat). }
        apply H' in I. unfold parts in I. cbn [In next writes moves] in I. rewrite in_app_iff, !in_map_iff in I.
        destruct I as [E|[((j, b) & E & I)|(p & E & _)]]; try discriminate.
        apply (in_indexed w j b 0%nat) in I as (_ & ->). cbn [fst snd] in E. congruence. }
      assert (E3 : m' = m).
      { apply (nth_ext _ _ S_ S_); [congruence|]. intros i Hi.
        assert (I : In (FMove i (nth i m' S_)) (parts (Action n' w' m'))).
        { unfold parts. right. apply in_or_app; right. apply in_map_iff. exists (i, nth i m' S_). split; [reflexivity|].
          cbn [moves]. now apply (in_indexed m' i _ S_). }
        apply H' in I. unfold parts in I. cbn [In next writes moves] in I. rewrite in_app_iff, !in_map_iff in I.
        destruct I as [E|[(p & E & _)|((j, b) & E & I)]]; try discriminate.
        apply (in_indexed m j b S_) in I as (_ & ->). cbn [fst snd] in E. congruence. }
      congruence.
  Qed.

  Lemma fields_in_all a f : valid_action a -> In f (fields cd a) -> In f (all_fields nQ nS k cd).
  Proof.
    intros (Hn & Lw & Fw & Lm) I. unfold all_fields. apply nodup_In. rewrite Forall_forall in Fw.
    destruct cd; cbn [fields] in I.
    - destruct I as [<-|[]]. apply in_map. unfold all_actions. apply in_flat_map. exists (next a). split; [apply in_seq; lia|].
      apply in_flat_map. exists (writes a). split.
      + apply in_words; auto. apply Forall_forall. intros b Ib. apply in_seq. specialize (Fw b Ib). lia.
      + apply in_map_iff. exists (moves a). split; [now destruct a|]. apply in_words; auto. apply Forall_forall.
        intros [] _; cbn; auto.
    - unfold parts in I. cbn [In] in I. rewrite in_app_iff, !in_map_iff in I. rewrite !in_app_iff.
      destruct I as [<-|[((i, b) & <- & I)|((i, m) & <- & I)]]; cbn [fst snd].
      + left. apply in_map. apply in_seq; lia.
      + right; left. apply (in_indexed (writes a) i b 0%nat) in I as (Hi & ->). apply in_flat_map. exists i. split; [apply in_seq; lia|].
        apply in_map, in_seq. assert (nth i (writes a) 0 < nS)%nat by (apply Fw, nth_In; lia). lia.
      + right; right. apply (in_indexed (moves a) i m S_) in I as (Hi & ->). apply in_flat_map. exists i. split; [apply in_seq; lia|].
        apply in_map. destruct (nth i (moves a) S_); cbn; auto.
  Qed.

  Definition penalty (f : field) : Q := match f with FWrite _ _ | FMove _ _ => - (1) | _ => 0 end.
  Lemma penalties a : sum penalty (fields cd a) == 1 - size (fields cd a).
  Proof.
    destruct cd; cbn [fields]; [reflexivity|]. unfold parts.
    set (w := map (fun p => FWrite (fst p) (snd p)) (indexed (writes a))). set (m := map (fun p => FMove (fst p) (snd p)) (indexed (moves a))).
    change (0 + sum penalty (w ++ m) == 1 - size (FNext (next a) :: w ++ m)).
    assert (Ew : sum penalty w == - (1) * size w) by (unfold w; rewrite sum_map; cbn [penalty]; rewrite sum_const; unfold size; rewrite length_of_map; reflexivity).
    assert (Em : sum penalty m == - (1) * size m) by (unfold m; rewrite sum_map; cbn [penalty]; rewrite sum_const; unfold size; rewrite length_of_map; reflexivity).
    rewrite sum_app, Ew, Em. unfold size. cbn [length]. rewrite length_of_app, Nat2Z.inj_succ, Nat2Z.inj_add. unfold Z.succ. rewrite !inject_Z_plus.
    change (inject_Z 1) with 1. ring.
  Qed.
  Lemma fields_nonempty a : 1 <= size (fields cd a).
  Proof. destruct cd; (eapply size_ge_1; left; reflexivity). Qed.

  (** ** The read-out, of any residual stream that tells the situation and the decision. *)
  Section Readout.
    Variables (z : vec (D := dir)) (q : nat) (s : list nat).
    Hypotheses (Ls : length s = k) (z_one : z One == 1) (z_state : forall p, z (State p) == ind (Nat.eqb q p)).
    Hypothesis z_symbol : forall i a, (i < k)%nat -> (a < nS)%nat -> z (Symbol i a) == ind (Nat.eqb (nth i s 0%nat) a).
    Notation logit_of t := (sum (fun r => dot (unembedding k g r) z) (rows cd t)).

    Definition is_report (t : token) : bool := match t with TStep _ _ _ | TStop => true | _ => false end.

    Lemma silent_rows {X} (f : X -> row) l : (forall x, unembedding k g (f x) = []) -> sum (fun r => dot (unembedding k g r) z) (map f l) == 0.
    Proof. intros H. rewrite sum_map. apply sum_zero. intros x _. rewrite H. reflexivity. Qed.

    (** A prompt's token is never generated. *)
    Lemma logit_prompt t : is_report t = false -> logit_of t == - (1).
    Proof.
      destruct t; intros H; try discriminate; cbn [rows sum fold_right unembedding]; rewrite ?dotw, ?z_one; try (unfold dot, sum; cbn [fold_right]; ring).
      change (fold_right _ 0 ?l) with (sum (fun r => dot (unembedding k g r) z) l). rewrite sum_app, !silent_rows by reflexivity.
      unfold dot, sum; cbn [fold_right]. ring.
    Qed.
    Lemma logit_stop : logit_of TStop == z Stop.
    Proof. cbn [rows sum fold_right unembedding]. rewrite dotw. ring. Qed.

    Definition conditions (q' : nat) (s' : list nat) : Z := (one_if (Nat.eqb q q') + agreements (map Some s') s k)%Z.
    Lemma logit_step q' s' a' : length s' = k -> Forall (fun b => b < nS)%nat s' ->
      logit_of (TStep q' s' a') == g * (inject_Z (conditions q' s') - inject_Z (Z.of_nat (k + 1)))
        + sum (fun f => z (Decided f)) (fields cd a') + (1 - size (fields cd a')).
    Proof.
      intros Ls' Fs'. rewrite Forall_forall in Fs'. cbn [rows].
      assert (A : sum (fun r => dot (unembedding k g r) z) (map (fun p => RStepSymbol (fst p) (snd p)) (indexed s')) == g * inject_Z (agreements (map Some s') s k)).
      { rewrite sum_map, (indexed_seq s' 0%nat), sum_map. cbn [unembedding fst snd]. unfold agreements. rewrite Ls'.
        rewrite <- (inject_zsum (fun i => ind (agrees (nth i (map Some s') None) (nth i s 0%nat)))) by reflexivity.
        rewrite <- sum_scale. apply sum_ext. intros i Hi. apply in_seq in Hi.
        rewrite dotw, z_symbol by (try apply Fs', nth_In; lia).
        rewrite (nth_indep _ None (Some 0%nat)) by (rewrite length_of_map; lia). rewrite map_nth. cbn [agrees].
        rewrite Nat.eqb_sym. reflexivity. }
      assert (B : sum (fun r => dot (unembedding k g r) z) (map RStepField (fields cd a')) == sum (fun f => z (Decided f)) (fields cd a') + (1 - size (fields cd a'))).
      { rewrite sum_map, <- penalties, <- sum_plus. apply sum_ext. intros f _. unfold dot, sum. destruct f; cbn [unembedding fold_right fst snd penalty]; rewrite ?z_one; ring. }
      match goal with |- sum ?h (?a :: ?b :: ?l) == _ => change (h a + (h b + sum h l) == g * (inject_Z (conditions q' s') - inject_Z (Z.of_nat (k + 1)))
        + sum (fun f => z (Decided f)) (fields cd a') + (1 - size (fields cd a'))) end.
      rewrite sum_app, A, B. cbn [unembedding]. rewrite !dotw, z_one, z_state.
      unfold conditions. rewrite inject_Z_plus. ring.
    Qed.

    Lemma conditions_right : conditions q s = Z.of_nat (k + 1).
    Proof.
      unfold conditions. rewrite Nat.eqb_refl. cbn [one_if].
      pose proof (proj1 (agreements_spec (map Some s) s (length_of_map _ _)) (proj2 (all_agree_exact s s) eq_refl)) as E.
      rewrite length_of_map, Ls in E. rewrite E. lia.
    Qed.
    Lemma conditions_wrong q' s' : length s' = k -> (q', s') <> (q, s) -> (conditions q' s' <= Z.of_nat k)%Z.
    Proof.
      intros Ls' H. unfold conditions.
      assert (E : length (map Some s') = length s) by (rewrite length_of_map; congruence).
      destruct (agreements_spec (map Some s') s E) as [H1 H2]. rewrite length_of_map, Ls' in *.
      destruct (all_agree (map Some s') s) eqn:A.
      - rewrite H1 by auto. destruct (Nat.eqb_spec q q') as [->|]; cbn [one_if]; [|lia].
        apply all_agree_exact in A as ->. congruence.
      - specialize (H2 eq_refl). destruct (Nat.eqb q q'); cbn [one_if]; lia.
    Qed.

    Lemma decided_upper a' (v : field -> Q) : (forall f, In f (fields cd a') -> v f <= 1) -> sum v (fields cd a') <= size (fields cd a').
    Proof. intros H. rewrite <- (Qmult_1_l (size _)), <- sum_const. now apply sum_le. Qed.

    Lemma readout_hit a : valid_action a -> z Stop == 0 ->
      (forall f, In f (all_fields nQ nS k cd) -> z (Decided f) == ind (has_field cd f a)) -> Forall (fun b => b < nS)%nat s ->
      logit_of (TStep q s a) == 1 /\ forall t, valid t -> t <> TStep q s a -> logit_of t <= 0.
    Proof.
      intros Va Zs Zd Fs. split.
      - rewrite logit_step, conditions_right by auto.
        rewrite (sum_ext _ (fun _ => 1) (fields cd a)).
        + rewrite sum_const. ring.
        + intros f I. rewrite Zd by (eapply fields_in_all; eauto). unfold has_field.
          destruct (in_dec field_dec f (fields cd a)); [reflexivity|contradiction].
      - intros t V H. destruct (is_report t) eqn:R; [|rewrite logit_prompt by auto; lra].
        destruct t as [ |r|j b|j m|q0|q' s' a'| ]; try discriminate; [|rewrite logit_stop, Zs; lra].
        destruct V as ((Hq & Ls' & Fs') & Va'). rewrite logit_step by auto.
        assert (D1 : forall f, In f (fields cd a') -> z (Decided f) <= 1).
        { intros f I. rewrite Zd by (eapply fields_in_all; eauto). destruct (has_field cd f a); cbn [one_if]; [change (inject_Z 1) with 1|change (inject_Z 0) with 0]; lra. }
        pose proof (decided_upper a' _ D1) as D2.
        destruct (list_eq_dec Nat.eq_dec s' s) as [->|Es]; [destruct (Nat.eq_dec q' q) as [->|Eq]|].
        + assert (Ea : a' <> a) by congruence. rewrite conditions_right.
          assert (D3 : sum (fun f => z (Decided f)) (fields cd a') <= size (fields cd a') - 1).
          { destruct (forallb (fun f => has_field cd f a) (fields cd a')) eqn:Al.
            - exfalso. apply Ea. apply fields_determine; auto. now apply forallb_forall.
            - assert (X : exists f, In f (fields cd a') /\ has_field cd f a = false).
              { destruct (existsb (fun f => negb (has_field cd f a)) (fields cd a')) eqn:Ex.
                - apply existsb_exists in Ex as (f & I & Nf). exists f. split; auto. now apply negb_true_iff.
                - exfalso. rewrite <- not_true_iff_false in Al. apply Al. apply forallb_forall. intros f I.
                  destruct (has_field cd f a) eqn:Hf; auto. rewrite <- Ex. apply existsb_exists. exists f. now rewrite Hf. }
              destruct X as (f & I & Hf). apply in_split in I as (l1 & l2 & El). rewrite El in *.
              assert (U : forall l, (forall f', In f' l -> z (Decided f') <= 1) -> sum (fun f' => z (Decided f')) l <= size l).
              { intros l Hl. rewrite <- (Qmult_1_l (size l)), <- sum_const. now apply sum_le. }
              rewrite sum_app. change (sum (fun f' => z (Decided f')) (f :: l2)) with (z (Decided f) + sum (fun f' => z (Decided f')) l2).
              assert (Zf : z (Decided f) == 0).
              { rewrite Zd; [rewrite Hf; reflexivity|]. eapply (fields_in_all a'); eauto. rewrite El. apply in_elt. }
              pose proof (U l1 (fun f' I => D1 f' (in_or_app _ _ _ (or_introl I)))).
              pose proof (U l2 (fun f' I => D1 f' (in_or_app _ _ _ (or_intror (in_cons f f' l2 I))))).
              rewrite Zf. unfold size in *. rewrite length_of_app. cbn [length]. rewrite Nat2Z.inj_add, Nat2Z.inj_succ. unfold Z.succ.
              rewrite !inject_Z_plus. change (inject_Z 1) with 1. lra. }
          lra.
        + assert (C : (conditions q' s <= Z.of_nat k)%Z) by (apply conditions_wrong; congruence).
          rewrite Zle_Qle in C. rewrite Nat2Z.inj_add, inject_Z_plus. change (inject_Z (Z.of_nat 1)) with 1. nra.
        + assert (C : (conditions q' s' <= Z.of_nat k)%Z) by (apply conditions_wrong; congruence).
          rewrite Zle_Qle in C. rewrite Nat2Z.inj_add, inject_Z_plus. change (inject_Z (Z.of_nat 1)) with 1. nra.
    Qed.

    Lemma readout_miss : z Stop == 1 -> (forall f, In f (all_fields nQ nS k cd) -> z (Decided f) == 0) ->
      logit_of TStop == 1 /\ forall t, valid t -> t <> TStop -> logit_of t <= 0.
    Proof.
      intros Zs Zd. split; [now rewrite logit_stop|].
      intros t V H. destruct (is_report t) eqn:R; [|rewrite logit_prompt by auto; lra].
      destruct t as [ |r|j b|j m|q0|q' s' a'| ]; try discriminate; [|congruence].
      destruct V as ((Hq & Ls' & Fs') & Va'). rewrite logit_step by auto.
      rewrite (sum_zero _ (fields cd a')) by (intros f I; apply Zd; eapply fields_in_all; eauto).
      pose proof (fields_nonempty a').
      assert (C : (conditions q' s' <= Z.of_nat (k + 1))%Z).
      { destruct (list_eq_dec Nat.eq_dec s' s) as [->|Es]; [destruct (Nat.eq_dec q' q) as [->|Eq]|].
        - rewrite conditions_right. lia.
        - pose proof (conditions_wrong q' s Ls ltac:(congruence)). lia.
        - pose proof (conditions_wrong q' s' Ls' ltac:(congruence)). lia. }
      rewrite Zle_Qle in C. nra.
    Qed.

    (** Stochastic policies, in joint code: the positive logits are the shares of the actions. *)
    Lemma readout_joint A : cd = Joint -> z Stop == ind (nobody A) -> Forall (fun b => b < nS)%nat s ->
      (forall f, In f (all_fields nQ nS k cd) -> z (Decided f) == share A (has_field cd f)) ->
      forall t, valid t -> relu (logit_of t) == match t with
        | TStep q' s' a' => if list_eq_dec Nat.eq_dec (q' :: s') (q :: s) then share A (has_field cd (FAction a')) else 0
        | TStop => ind (nobody A)
        | _ => 0
        end.
    Proof.
      intros J Zs Fs Zd t V. destruct (is_report t) eqn:R.
      2:{ rewrite logit_prompt, relu_neg by (auto; lra). destruct t; try discriminate; reflexivity. }
      destruct t as [ |r|j b|j m|q0|q' s' a'| ]; try discriminate.
      2:{ rewrite logit_stop, Zs. apply relu_pos. destruct (nobody A); cbn [one_if]; [change (inject_Z 1) with 1|change (inject_Z 0) with 0]; lra. }
      destruct V as ((Hq & Ls' & Fs') & Va'). rewrite logit_step by auto.
      assert (E : sum (fun f => z (Decided f)) (fields cd a') == share A (has_field cd (FAction a'))).
      { assert (I : In (FAction a') (fields cd a')) by (rewrite J; now left).
        rewrite <- (Zd _ (fields_in_all a' _ Va' I)). rewrite J. cbn [fields]. rewrite sum_cons, sum_nil. ring. }
      assert (E1 : size (fields cd a') == 1) by (rewrite J; reflexivity).
      pose proof (share_bounds A (has_field cd (FAction a'))) as [B0 B1].
      rewrite E, E1. destruct (list_eq_dec Nat.eq_dec (q' :: s') (q :: s)) as [Es|Es].
      - injection Es as -> ->. rewrite conditions_right, relu_pos; [ring|]. lra.
      - assert (C : (conditions q' s' <= Z.of_nat k)%Z) by (apply conditions_wrong; congruence).
        apply relu_neg. rewrite Zle_Qle in C. rewrite Nat2Z.inj_add, inject_Z_plus. change (inject_Z (Z.of_nat 1)) with 1. nra.
    Qed.
  End Readout.
End Unembedding.
